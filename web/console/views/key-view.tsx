/** Where the admin key is given. */
import { Button, Field, Input, makeStyles, Text, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { Panel } from '../../shared/panel.tsx'
import { isKey } from '../control.ts'
import { useTools } from './context.ts'

const useStyles = makeStyles({
  panel: { width: '100%', maxWidth: '480px', alignSelf: 'center' },
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
  wide: { alignSelf: 'start' },
})

interface Props {
  /** Why the server has refused. */
  readonly explanation: string
  /** Whether there was a key, which is not the right one. */
  readonly given: boolean
}

export function KeyView({ explanation, given }: Props): React.JSX.Element {
  const styles = useStyles()
  const { control, watch } = useTools()
  const [key, setKey] = useState('')
  const [told, setTold] = useState(given ? 'The server does not take this key.' : '')
  const give = (): void => {
    if (!isKey(key.trim())) return setTold('A key has letters, digits and signs, and no spaces.')
    control.setKey(key.trim())
    return watch.unlock()
  }
  return (
    <Panel title="The console takes the admin key" className={styles.panel}>
      <Text>{explanation}</Text>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          give()
        }}
      >
        <Field
          label="Admin key"
          hint="The option adminKey. It is kept until this tab is closed."
          {...(told !== '' && { validationMessage: told })}
        >
          <Input
            type="password"
            autoComplete="current-password"
            value={key}
            onChange={(_event, data) => {
              setKey(data.value)
              setTold('')
            }}
          />
        </Field>
        <Button type="submit" appearance="primary" className={styles.wide} disabled={key.trim() === ''}>
          Open
        </Button>
      </form>
    </Panel>
  )
}
