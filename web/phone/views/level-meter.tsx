/** How loud the microphone is just now. */
import { makeStyles, tokens } from '@fluentui/react-components'
import { useEffect, useRef, useState } from 'react'
import { deviceLine } from '../words.ts'
import { useTools } from './context.ts'

const useStyles = makeStyles({
  track: {
    height: '6px',
    borderRadius: tokens.borderRadiusCircular,
    backgroundColor: tokens.colorNeutralBackground5,
    overflow: 'hidden',
  },
  bar: {
    height: '100%',
    borderRadius: tokens.borderRadiusCircular,
    backgroundColor: tokens.colorBrandBackground,
    transformOrigin: 'left',
    transform: 'scaleX(0)',
  },
  problem: { color: tokens.colorPaletteRedForeground1 },
})

/** What is spoken to screen readers changes this often, in milliseconds. */
const SPOKEN = 500

/** Takes the microphone while it is shown. */
export function LevelMeter(): React.JSX.Element {
  const styles = useStyles()
  const { microphone, runtime } = useTools()
  const bar = useRef<HTMLDivElement>(null)
  const [problem, setProblem] = useState<string>()
  const [spoken, setSpoken] = useState(0)
  useEffect(() => microphone.use((_stream, name) => setProblem(name)), [microphone])
  useEffect(() => {
    let frame = 0
    let spokenAt = 0
    const draw = (): void => {
      const level = microphone.level()
      if (bar.current) bar.current.style.transform = `scaleX(${level.toFixed(2)})`
      if (runtime.now() - spokenAt > SPOKEN) {
        spokenAt = runtime.now()
        setSpoken(Math.round(level * 100))
      }
      frame = requestAnimationFrame(draw)
    }
    draw()
    return () => cancelAnimationFrame(frame)
  }, [microphone, runtime])
  if (problem !== undefined) return <div className={styles.problem}>{deviceLine('microphone', problem)}</div>
  return (
    <div
      className={styles.track}
      role="meter"
      aria-label="Microphone level"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={spoken}
    >
      <div className={styles.bar} ref={bar} />
    </div>
  )
}
