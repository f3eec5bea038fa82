/** A call in full: how far it is, who is in it, and what can be done. */
import { Badge, Button, makeStyles, Spinner, Text, tokens, typographyStyles } from '@fluentui/react-components'
import { EyeOffRegular, EyeRegular, RecordFilled, SlideTextRegular } from '@fluentui/react-icons'
import { useEffect, useRef } from 'react'
import type { CallView } from '../../../src/endpoints/browser/protocol.ts'
import { hasOthersPictures, hasPictures } from '../stage.ts'
import { sinceMoment, stageOf, underWay } from '../state.ts'
import { clockText, count } from '../../shared/text.ts'
import { nameOf, phaseLine, picturesLine, titleOf } from '../words.ts'
import { useAsked, useNow, usePhoneState, useTools } from './context.ts'
import { Controls } from './controls.tsx'
import { LevelMeter } from './level-meter.tsx'
import { Panel } from '../../shared/panel.tsx'
import { PartyAvatar } from './party-avatar.tsx'
import { PictureStage } from './picture-stage.tsx'
import { Lobby, People } from './roster.tsx'
import { SPOKEN } from '../../shared/theme.ts'

const useStyles = makeStyles({
  call: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL, flexGrow: 1 },
  head: { display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: tokens.spacingHorizontalM },
  title: { ...typographyStyles.title3, outlineStyle: 'none', overflowWrap: 'anywhere', margin: 0 },
  line: { color: tokens.colorNeutralForeground2, fontVariantNumeric: 'tabular-nums', flexGrow: 1 },
  stage: {
    flexGrow: 1,
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalL,
    justifyContent: 'center',
  },
  look: { marginLeft: 'auto' },
  spoken: SPOKEN,
  waiting: { alignItems: 'center', textAlign: 'center', alignSelf: 'center', width: '100%', maxWidth: '420px' },
  meter: { width: '100%', maxWidth: '280px' },
  other: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalM },
  otherName: { flexGrow: 1, minWidth: 0, overflowWrap: 'anywhere' },
})

export function FullCall({ call }: { readonly call: CallView }): React.JSX.Element {
  const styles = useStyles()
  const title = useRef<HTMLHeadingElement>(null)
  // Whoever uses the keyboard or a screen reader is where the call is.
  useEffect(() => title.current?.focus(), [])
  return (
    <section className={styles.call} aria-label={titleOf(call)}>
      <div className={styles.head}>
        <h2 className={styles.title} ref={title} tabIndex={-1}>
          {titleOf(call)}
        </h2>
        <CallLine call={call} />
        {call.recording && (
          <Badge appearance="tint" color="danger" size="large" icon={<RecordFilled />}>
            Recording
          </Badge>
        )}
        {call.transcribing && (
          <Badge appearance="tint" color="informative" size="large" icon={<SlideTextRegular />}>
            Transcribing
          </Badge>
        )}
        <LookSwitch call={call} />
      </div>
      <div className={styles.stage}>
        <Stage call={call} />
      </div>
      <OtherCalls call={call} />
      <Controls call={call} />
    </section>
  )
}

function CallLine({ call }: { readonly call: CallView }): React.JSX.Element {
  const styles = useStyles()
  const state = usePhoneState()
  const isUp = call.phase === 'connected'
  const now = useNow(isUp)
  const duration = clockText(sinceMoment(state, call.since, now))
  const people = call.roster.filter(({ inLobby }) => !inLobby).length
  const parts = [
    phaseLine(call, state.sounds[call.callId]?.state),
    ...(isUp && call.here ? [duration, count(people, 'person', 'people')] : []),
  ]
  return (
    <Text className={styles.line} role="status">
      <span>{parts[0]}</span>
      {parts.length > 1 && <span aria-hidden>{` · ${parts.slice(1).join(' · ')}`}</span>}
    </Text>
  )
}

/** Lets nobody's picture come in, for lines that are slow or dear. */
function LookSwitch({ call }: { readonly call: CallView }): React.JSX.Element | undefined {
  const styles = useStyles()
  const { store } = useTools()
  const state = usePhoneState()
  const { looks, video } = state
  if (!video || !call.here) return undefined
  return (
    <>
      {hasOthersPictures(call) && (
        <Button
          className={styles.look}
          size="small"
          appearance="subtle"
          icon={looks ? <EyeOffRegular /> : <EyeRegular />}
          onClick={() => store.dispatch({ type: 'looks', looks: !looks })}
        >
          {looks ? 'Hide pictures' : 'Show pictures'}
        </Button>
      )}
      <div className={styles.spoken} role="status">
        {picturesLine(stageOf(state, call.callId).shows, call)}
      </div>
    </>
  )
}

function Stage({ call }: { readonly call: CallView }): React.JSX.Element {
  const styles = useStyles()
  const state = usePhoneState()
  if (!call.here && call.phase !== 'calling') return <Elsewhere call={call} />
  if (call.phase === 'lobby') {
    return (
      <Panel className={styles.waiting} label="Lobby">
        <Spinner size="large" aria-label="Waiting" />
        <Text size={500} weight="semibold">
          Somebody will let you in soon
        </Text>
        <Text>You neither hear the others yet, nor do they hear you.</Text>
        <div className={styles.meter}>
          <LevelMeter />
        </div>
      </Panel>
    )
  }
  if (call.phase === 'calling' || call.phase === 'connecting' || call.phase === 'held') {
    return (
      <Panel className={styles.waiting} label={phaseLine(call)}>
        <PartyAvatar party={call.other} size={96} speaking />
        <Text size={500} weight="semibold">
          {call.other ? nameOf(call.other) : titleOf(call)}
        </Text>
        <Text>{phaseLine(call)}</Text>
      </Panel>
    )
  }
  return (
    <>
      <Lobby call={call} />
      {state.video && hasPictures(call, stageOf(state, call.callId)) ? (
        <PictureStage call={call} />
      ) : (
        <People call={call} />
      )}
    </>
  )
}

function Elsewhere({ call }: { readonly call: CallView }): React.JSX.Element {
  const styles = useStyles()
  const { phone } = useTools()
  const asked = useAsked(`rejoin ${call.callId}`)
  return (
    <Panel className={styles.waiting} label="Elsewhere">
      <PartyAvatar party={call.other} size={96} />
      <Text size={500} weight="semibold">
        This call is on another of your pages
      </Text>
      <Button appearance="primary" disabled={asked} onClick={() => void phone.rejoin(call.callId)}>
        Bring it here
      </Button>
    </Panel>
  )
}

/** Calls that go on beside the one that is shown. */
function OtherCalls({ call }: { readonly call: CallView }): React.JSX.Element | undefined {
  const styles = useStyles()
  const { phone, store } = useTools()
  const others = underWay(usePhoneState()).filter(({ callId }) => callId !== call.callId)
  if (others.length === 0) return undefined
  return (
    <Panel label="Other calls">
      {others.map((other) => (
        <div key={other.callId} className={styles.other}>
          <PartyAvatar party={other.other} size={32} />
          <Text className={styles.otherName}>{`${titleOf(other)}: ${phaseLine(other)}`}</Text>
          <Button
            size="small"
            onClick={() => {
              store.dispatch({ type: 'choose', callId: other.callId })
              if (other.here && other.onHold) void phone.resume(other.callId)
            }}
          >
            Switch
          </Button>
        </div>
      ))}
    </Panel>
  )
}
