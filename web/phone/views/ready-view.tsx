/** Nobody is in a call: whom to call, which meeting to join, and whether the microphone works. */
import { Button, Field, Input, makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components'
import { CallRegular, DismissRegular, SearchRegular } from '@fluentui/react-icons'
import { useEffect, useState } from 'react'
import type { CallView } from '../../../src/endpoints/browser/protocol.ts'
import { type Found, Phone } from '../phone.ts'
import { ended } from '../state.ts'
import { count } from '../../shared/text.ts'
import { endLine, nameOf, titleOf } from '../words.ts'
import { useAsked, usePhoneState, useTools } from './context.ts'
import { DeviceSettings } from './devices.tsx'
import { Panel } from '../../shared/panel.tsx'
import { PartyAvatar } from './party-avatar.tsx'
import { NARROW } from '../../shared/theme.ts'

const useStyles = makeStyles({
  ready: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  columns: {
    display: 'grid',
    gridTemplateColumns: '1fr 1fr',
    alignItems: 'start',
    gap: tokens.spacingHorizontalL,
    [NARROW]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  column: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL, minWidth: 0 },
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM, alignItems: 'stretch' },
  found: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: tokens.spacingVerticalXS },
  row: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalM, minWidth: 0 },
  who: {
    display: 'flex',
    flexDirection: 'column',
    flexGrow: 1,
    flexBasis: '160px',
    minWidth: 0,
    overflowWrap: 'anywhere',
  },
  wraps: { [NARROW]: { flexWrap: 'wrap' } },
  again: { whiteSpace: 'nowrap' },
  quiet: { color: tokens.colorNeutralForeground3 },
  wide: { alignSelf: 'start' },
})

export function ReadyView(): React.JSX.Element {
  const styles = useStyles()
  const { isGuest } = useTools()
  const over = ended(usePhoneState())
  return (
    <div className={styles.ready}>
      {over.slice(0, MOST_ENDED).map((call) => (
        <EndedCall key={call.callId} call={call} />
      ))}
      <div className={styles.columns}>
        <div className={styles.column}>
          {!isGuest && <CallSomebody />}
          <JoinMeeting />
        </div>
        <Panel title="Sound">
          <DeviceSettings inUse={false} />
        </Panel>
      </div>
    </div>
  )
}

/** So many ended calls are told of at once. */
const MOST_ENDED = 3
/** Nobody types faster than this, in milliseconds. */
const TYPING = 200

function CallSomebody(): React.JSX.Element {
  const styles = useStyles()
  const { phone, purpose } = useTools()
  const [text, setText] = useState(purpose.call ?? '')
  const found = useFound(text)
  const calling = useAsked('call')
  const call = (target: string): void => void phone.call(target)
  return (
    <Panel title="Call somebody">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          if (text.trim() !== '') call(text.trim())
        }}
      >
        <Field label="Name or number" hint="Somebody of your organization, or a bot">
          <Input
            value={text}
            contentBefore={<SearchRegular />}
            autoComplete="off"
            onChange={(_event, data) => setText(data.value)}
          />
        </Field>
        <Text className={styles.quiet} size={200} role="status">
          {text.trim() === '' || found === undefined ? '' : count(found.length, 'match', 'matches')}
        </Text>
        {found && found.length > 0 && (
          <ul className={styles.found} aria-label="Found">
            {found.map((one) => (
              <FoundParty key={`${one.kind} ${one.id}`} party={one} disabled={calling} onCall={() => call(one.id)} />
            ))}
          </ul>
        )}
        <Button
          type="submit"
          appearance="primary"
          icon={<CallRegular />}
          className={styles.wide}
          disabled={calling || text.trim() === ''}
        >
          {calling ? 'Calling …' : 'Call'}
        </Button>
      </form>
    </Panel>
  )
}

/** Who fits what is typed, a moment after it was typed. */
function useFound(text: string): readonly Found[] | undefined {
  const { phone, runtime } = useTools()
  const [known, setKnown] = useState<{ readonly text: string; readonly found: readonly Found[] }>()
  const asked = text.trim()
  useEffect(() => {
    if (asked === '') return undefined
    let wanted = true
    const cancel = runtime.later(TYPING, () => {
      void phone.find(asked).then((found) => wanted && setKnown({ text: asked, found }))
    })
    return () => {
      wanted = false
      cancel()
    }
  }, [phone, runtime, asked])
  return known?.text === asked ? known.found : undefined
}

interface FoundProps {
  readonly party: Found
  readonly disabled: boolean
  readonly onCall: () => void
}

function FoundParty({ party, disabled, onCall }: FoundProps): React.JSX.Element {
  const styles = useStyles()
  return (
    <li className={styles.row}>
      <PartyAvatar party={party} size={32} />
      <div className={styles.who}>
        <Text>{nameOf(party)}</Text>
        <Text size={200} className={styles.quiet}>
          {party.address ?? (party.kind === 'application' ? 'Bot' : '')}
        </Text>
      </div>
      <Button
        icon={<CallRegular />}
        size="small"
        aria-label={`Call ${nameOf(party)}`}
        disabled={disabled}
        onClick={onCall}
      />
    </li>
  )
}

function JoinMeeting(): React.JSX.Element {
  const styles = useStyles()
  const { phone, purpose } = useTools()
  const [meeting, setMeeting] = useState(purpose.meeting ?? '')
  const [passcode, setPasscode] = useState('')
  const joining = useAsked('join')
  return (
    <Panel title="Join a meeting">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          if (meeting.trim() !== '') void phone.join(meeting.trim(), passcode.trim())
        }}
      >
        <Field label="Link or meeting ID">
          <Input value={meeting} autoComplete="off" onChange={(_event, data) => setMeeting(data.value)} />
        </Field>
        <Field label="Passcode, if there is one">
          <Input value={passcode} autoComplete="off" onChange={(_event, data) => setPasscode(data.value)} />
        </Field>
        <Button type="submit" appearance="primary" className={styles.wide} disabled={joining || meeting.trim() === ''}>
          {joining ? 'Joining …' : 'Join'}
        </Button>
      </form>
    </Panel>
  )
}

/** How a call ended, until it is put away. */
function EndedCall({ call }: { readonly call: CallView }): React.JSX.Element {
  const styles = useStyles()
  const { phone, store } = useTools()
  const again = Phone.again(call)
  return (
    <Panel label={`${titleOf(call)}: ended`}>
      <div className={mergeClasses(styles.row, styles.wraps)}>
        <PartyAvatar party={call.other} size={40} />
        <div className={styles.who} role="status">
          <Text weight="semibold">{titleOf(call)}</Text>
          <Text>{call.end ? endLine(call.end, call) : 'The call is over.'}</Text>
          {call.end && call.end.explanation !== '' && (
            <Text size={200} className={styles.quiet}>
              {call.end.explanation}
            </Text>
          )}
        </div>
        {again && (
          <Button
            size="small"
            className={styles.again}
            icon={<CallRegular />}
            onClick={() => void phone.call(again.id)}
          >
            Call again
          </Button>
        )}
        <Button
          size="small"
          appearance="subtle"
          icon={<DismissRegular />}
          aria-label="Put away"
          onClick={() => store.dispatch({ type: 'putAway', callId: call.callId })}
        />
      </div>
    </Panel>
  )
}
