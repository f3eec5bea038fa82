/** Moving pictures: one's own, and those that come in. */
import { makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components'
import { useEffect, useRef, useState } from 'react'
import type { Runtime } from '../../runtime.ts'
import type { Slot } from '../pictures.ts'
import { deviceLine } from '../words.ts'
import { useTools } from './context.ts'

const useStyles = makeStyles({
  video: { position: 'absolute', inset: 0, width: '100%', height: '100%', objectFit: 'cover' },
  whole: { objectFit: 'contain' },
  mirror: { transform: 'scaleX(-1)' },
  notYet: { visibility: 'hidden' },
  problem: { display: 'block', padding: tokens.spacingVerticalM },
})

/** So long after somebody else was asked for, the former one may still come in, in milliseconds. */
const SETTLE = 250
/** A camera from which nothing has come for so long is not shown any more, in milliseconds. */
const STALE = 5000

/** What the camera sees, as in a mirror; it uses the camera while it is shown. */
export function OwnPicture(): React.JSX.Element {
  const styles = useStyles()
  const { camera } = useTools()
  const video = useRef<HTMLVideoElement>(null)
  const [problem, setProblem] = useState<string>()
  useEffect(
    () =>
      camera.use((stream, name) => {
        setProblem(name)
        if (video.current) video.current.srcObject = stream ?? null
      }),
    [camera],
  )
  return (
    <>
      <video
        ref={video}
        className={mergeClasses(styles.video, styles.mirror)}
        aria-label="What your camera sees"
        autoPlay
        muted
        playsInline
      />
      {problem !== undefined && <Text className={styles.problem}>{deviceLine('camera', problem)}</Text>}
    </>
  )
}

interface Props {
  readonly callId: string
  readonly slot: Slot
  readonly label: string
  /** Nothing of it may be cut off. */
  readonly whole?: boolean
  /** Whether there is something to see; until then something else should be shown. */
  readonly onSeen: (seen: boolean) => void
}

/** What comes in there; whoever is shown in place of somebody else has another key. */
export function Picture({ callId, slot, label, whole = false, onSeen }: Props): React.JSX.Element {
  const styles = useStyles()
  const { phone, runtime } = useTools()
  const video = useRef<HTMLVideoElement>(null)
  const [seen, setSeen] = useState(false)
  useEffect(() => {
    const element = video.current
    if (!element) return undefined
    const hide = phone.pictures.show(callId, slot, element)
    const unfollow = followFrames(element, slot === 'screen', runtime, (isSeen) => {
      setSeen(isSeen)
      onSeen(isSeen)
    })
    return () => {
      unfollow()
      hide()
      onSeen(false)
    }
  }, [callId, slot, onSeen, phone, runtime])
  return (
    <video
      ref={video}
      className={mergeClasses(styles.video, whole && styles.whole, !seen && styles.notYet)}
      aria-label={label}
      autoPlay
      muted
      playsInline
    />
  )
}

/** Says when there is something to see, and when not any more; returns how to stop that. @param still it may stand still */
function followFrames(
  element: HTMLVideoElement,
  still: boolean,
  runtime: Runtime,
  tell: (seen: boolean) => void,
): () => void {
  const begun = runtime.now()
  let seen = false
  let live = true
  let cancel = (): void => undefined
  const say = (isSeen: boolean): void => {
    if (!live || isSeen === seen) return
    seen = isSeen
    tell(isSeen)
  }
  const look = (): void => {
    if (!live) return
    const wait = begun + SETTLE - runtime.now()
    cancel()
    if (wait <= 0) say(true)
    else if (still) cancel = runtime.later(wait, () => say(true))
    if (!still) cancel = runtime.later(STALE, () => say(false))
    element.requestVideoFrameCallback(look)
  }
  element.requestVideoFrameCallback(look)
  return () => {
    live = false
    cancel()
  }
}
