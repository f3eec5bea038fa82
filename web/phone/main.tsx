/** The phone: a page with which people call, are called, and talk. Here its parts are put together. */
import { FluentProvider, makeStyles, MessageBar, MessageBarBody, Spinner, tokens } from '@fluentui/react-components'
import { StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import type { PhoneConfig } from '../../src/endpoints/browser/protocol.ts'
import { createPhone } from './create.ts'
import { type Session, SignIn } from './sign-in.ts'
import { PhonePage } from './views/app.tsx'
import { useMedia } from '../shared/hooks.ts'
import { type PhoneTools, ToolsProvider } from './views/context.ts'
import { SignInView } from './views/sign-in-view.tsx'
import { darkTheme, lightTheme } from '../shared/theme.ts'

const useStyles = makeStyles({
  page: { minHeight: '100dvh', backgroundColor: tokens.colorNeutralBackground2 },
})

/** Where the page is: its config and its socket are beside it, whatever stands before them. */
const address = new URL(location.href)

async function readConfig(): Promise<PhoneConfig> {
  const response = await fetch(new URL('config', new URL('.', address)))
  if (!response.ok) throw new Error(`The server answers ${response.status} when asked how to sign in.`)
  return (await response.json()) as PhoneConfig
}

type Stage =
  | { readonly name: 'loading' }
  | { readonly name: 'failed'; readonly problem: string }
  | { readonly name: 'signedOut'; readonly signIn: SignIn }
  | { readonly name: 'signedIn'; readonly tools: PhoneTools }

function App(): React.JSX.Element {
  const styles = useStyles()
  const dark = useMedia('(prefers-color-scheme: dark)')
  const [stage, setStage] = useState<Stage>({ name: 'loading' })
  useEffect(() => void begin(setStage), [])
  return (
    <FluentProvider theme={dark ? darkTheme : lightTheme}>
      <div className={styles.page}>
        <StageView stage={stage} setStage={setStage} />
      </div>
    </FluentProvider>
  )
}

/** Finds out who is here. It runs once per page: an answer of the provider is good for one time. */
let begun: Promise<Stage> | undefined
async function begin(setStage: (stage: Stage) => void): Promise<void> {
  begun ??= firstStage(setStage)
  try {
    setStage(await begun)
  } catch (error) {
    setStage({ name: 'failed', problem: error instanceof Error ? error.message : String(error) })
  }
}

async function firstStage(setStage: (stage: Stage) => void): Promise<Stage> {
  const signIn = new SignIn(await readConfig(), address)
  const session = await signIn.resume(address)
  return session ? { name: 'signedIn', tools: enter(session, signIn, setStage) } : { name: 'signedOut', signIn }
}

function enter(session: Session, signIn: SignIn, setStage: (stage: Stage) => void): PhoneTools {
  const leave = (): void => void signIn.signOut().then(() => setStage({ name: 'signedOut', signIn }))
  return createPhone({ session, purpose: signIn.purpose, address, leave })
}

interface StageProps {
  readonly stage: Stage
  readonly setStage: (stage: Stage) => void
}

function StageView({ stage, setStage }: StageProps): React.JSX.Element {
  switch (stage.name) {
    case 'loading':
      return <Spinner label="Loading …" />
    case 'failed':
      return (
        <MessageBar intent="error">
          <MessageBarBody>{stage.problem}</MessageBarBody>
        </MessageBar>
      )
    case 'signedOut': {
      const { signIn } = stage
      return (
        <SignInView
          purpose={signIn.purpose}
          takesPeople={signIn.takesPeople}
          problem={signIn.problem}
          onPerson={() =>
            void signIn.person().catch((error: unknown) => {
              setStage({ name: 'failed', problem: `The sign-in service cannot be reached: ${String(error)}` })
            })
          }
          onGuest={(displayName, meeting) => {
            const tools = enter(signIn.guest(displayName, meeting), signIn, setStage)
            setStage({ name: 'signedIn', tools })
            void tools.phone.whenOnline().then(() => tools.phone.join(meeting))
          }}
        />
      )
    }
    case 'signedIn':
      return (
        <ToolsProvider value={stage.tools}>
          <PhonePage />
        </ToolsProvider>
      )
  }
}

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
