/** Before anybody is signed in: people sign in, guests say what they want to be called. */
import {
  Button,
  Divider,
  Field,
  Input,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useState } from 'react'
import type { Purpose } from '../sign-in.ts'
import { Panel } from '../../shared/panel.tsx'
import { NARROW } from '../../shared/theme.ts'

const useStyles = makeStyles({
  page: {
    boxSizing: 'border-box',
    minHeight: '100dvh',
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    justifyContent: 'center',
    gap: tokens.spacingVerticalXL,
    padding: tokens.spacingHorizontalXXL,
    [NARROW]: { padding: tokens.spacingHorizontalM, justifyContent: 'start', paddingTop: tokens.spacingVerticalXXXL },
  },
  panel: { width: '100%', maxWidth: '400px', boxSizing: 'border-box' },
  title: { color: tokens.colorBrandForeground1, margin: 0 },
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
})

interface Props {
  readonly purpose: Purpose
  /** Whether people can sign in here, or guests alone come in. */
  readonly takesPeople: boolean
  /** Why the last try came to nothing. */
  readonly problem: string | undefined
  readonly onPerson: () => void
  readonly onGuest: (displayName: string, meeting: string) => void
}

export function SignInView({ purpose, takesPeople, problem, onPerson, onGuest }: Props): React.JSX.Element {
  const styles = useStyles()
  const [meeting, setMeeting] = useState(purpose.meeting ?? '')
  const [name, setName] = useState('')
  const [leaving, setLeaving] = useState(false)
  return (
    <main className={styles.page}>
      <Text as="h1" size={700} weight="semibold" className={styles.title}>
        Rollcall phone
      </Text>
      <Panel className={styles.panel} label="Sign in">
        {problem !== undefined && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>{problem}</MessageBarBody>
          </MessageBar>
        )}
        {takesPeople && (
          <>
            <Button
              appearance="primary"
              size="large"
              disabled={leaving}
              onClick={() => {
                setLeaving(true)
                onPerson()
              }}
            >
              Sign in
            </Button>
            <Divider>or</Divider>
          </>
        )}
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault()
            onGuest(name.trim(), meeting.trim())
          }}
        >
          <Field label="Your name">
            <Input value={name} autoComplete="name" maxLength={256} onChange={(_event, data) => setName(data.value)} />
          </Field>
          <Field label="Meeting link or ID">
            <Input value={meeting} autoComplete="off" onChange={(_event, data) => setMeeting(data.value)} />
          </Field>
          <Button type="submit" size="large" disabled={name.trim() === '' || meeting.trim() === ''}>
            Join as a guest
          </Button>
        </form>
      </Panel>
    </main>
  )
}
