/** What is wrong right now, and what can be done about it. */
import { Button, makeStyles, MessageBar, MessageBarActions, MessageBarBody, tokens } from '@fluentui/react-components'
import { DismissRegular } from '@fluentui/react-icons'
import type { ReactNode } from 'react'
import { shown } from '../state.ts'
import { usePhoneState, useTools } from './context.ts'

const useStyles = makeStyles({
  banners: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, ':empty': { display: 'none' } },
})

export function Banners(): React.JSX.Element {
  const styles = useStyles()
  const { store } = useTools()
  const { notices } = usePhoneState()
  return (
    <div className={styles.banners}>
      <LinkBanner />
      <SoundBanner />
      {notices.map(({ id, text }) => (
        <MessageBar key={id} intent="error" politeness="assertive">
          <MessageBarBody>{text}</MessageBarBody>
          <MessageBarActions
            containerAction={
              <Button
                appearance="transparent"
                aria-label="Put away"
                icon={<DismissRegular />}
                onClick={() => store.dispatch({ type: 'noticed', id })}
              />
            }
          />
        </MessageBar>
      ))}
    </div>
  )
}

function Banner({ text, action }: { readonly text: ReactNode; readonly action?: ReactNode }): React.JSX.Element {
  return (
    <MessageBar intent="warning">
      <MessageBarBody>{text}</MessageBarBody>
      {action !== undefined && <MessageBarActions>{action}</MessageBarActions>}
    </MessageBar>
  )
}

/** The line to the server. */
function LinkBanner(): React.JSX.Element | undefined {
  const { phone, signInAgain } = useTools()
  const { link, person } = usePhoneState()
  if (link.state === 'online' || (link.state === 'connecting' && !person)) return undefined
  if (link.state === 'refused') {
    const action =
      link.code === 'signIn' ? (
        <Button onClick={signInAgain}>Sign in again</Button>
      ) : (
        <Button onClick={() => phone.retry()}>Use the phone here</Button>
      )
    return <Banner text={link.explanation} action={action} />
  }
  return (
    <Banner
      text="The connection to the server is lost. The phone reconnects by itself."
      action={<Button onClick={() => phone.retry()}>Try now</Button>}
    />
  )
}

/** The sound of the call that is shown. */
function SoundBanner(): React.JSX.Element | undefined {
  const { phone, microphone } = useTools()
  const state = usePhoneState()
  const call = shown(state)
  const sound = call && state.sounds[call.callId]
  if (!sound) return undefined
  return (
    <>
      {sound.blocked && (
        <Banner
          text="Your browser has not let the page play sound yet."
          action={<Button onClick={() => phone.unblock()}>Let me hear</Button>}
        />
      )}
      {sound.noMicrophone !== undefined && (
        <Banner
          text={`Nobody hears you. ${sound.noMicrophone}`}
          action={<Button onClick={() => microphone.again()}>Try again</Button>}
        />
      )}
    </>
  )
}
