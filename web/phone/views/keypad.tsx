/** The keys of a telephone, by mouse, finger or keyboard. */
import { Button, makeStyles, Text, tokens } from '@fluentui/react-components'
import { useCallback, useEffect, useState } from 'react'
import { useTools } from './context.ts'

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#']
const NAMES: Readonly<Record<string, string>> = { '*': 'Star', '#': 'Pound' }
/** So many of the keys that were pressed are shown. */
const SHOWN = 16

const useStyles = makeStyles({
  pressed: {
    minHeight: '28px',
    textAlign: 'center',
    fontVariantNumeric: 'tabular-nums',
    marginBottom: tokens.spacingVerticalS,
  },
  keys: { display: 'grid', gridTemplateColumns: 'repeat(3, 64px)', gap: tokens.spacingHorizontalS },
  key: { minWidth: 0, height: '48px', fontSize: tokens.fontSizeBase500 },
})

export function Keypad({ callId }: { readonly callId: string }): React.JSX.Element {
  const styles = useStyles()
  const { phone, tones } = useTools()
  const [pressed, setPressed] = useState('')
  const press = useCallback(
    (key: string) => {
      tones.key(key)
      phone.press(callId, key)
      setPressed((before) => (before + key).slice(-SHOWN))
    },
    [phone, tones, callId],
  )
  // While the keys are shown, whoever types digits means them.
  useEffect(() => {
    const type = ({ key }: KeyboardEvent): void => {
      if (KEYS.includes(key)) press(key)
    }
    addEventListener('keydown', type)
    return () => removeEventListener('keydown', type)
  }, [press])
  return (
    <div role="group" aria-label="Keys">
      <div className={styles.pressed}>
        <Text size={500} aria-live="polite">
          {pressed}
        </Text>
      </div>
      <div className={styles.keys}>
        {KEYS.map((key) => (
          <Button key={key} className={styles.key} aria-label={NAMES[key] ?? key} onClick={() => press(key)}>
            {key}
          </Button>
        ))}
      </div>
    </div>
  )
}
