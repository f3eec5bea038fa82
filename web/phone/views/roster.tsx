/** Who is in a call, what each does, and who waits to be let in. */
import { Badge, Button, makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components'
import {
  CheckmarkRegular,
  DismissRegular,
  MicOffRegular,
  PauseRegular,
  ShareScreenPersonRegular,
} from '@fluentui/react-icons'
import type { CallView, RosterEntry } from '../../../src/endpoints/browser/protocol.ts'
import { SPEAKING } from '../stage.ts'
import { count } from '../../shared/text.ts'
import { nameOf } from '../words.ts'
import { useMedia } from '../../shared/hooks.ts'
import { useAsked, usePhoneState, useTools } from './context.ts'
import { Panel } from '../../shared/panel.tsx'
import { PartyAvatar } from './party-avatar.tsx'
import { NARROW } from '../../shared/theme.ts'

const useStyles = makeStyles({
  people: {
    listStyleType: 'none',
    margin: 0,
    padding: 0,
    display: 'grid',
    gap: tokens.spacingHorizontalL,
    gridTemplateColumns: 'repeat(auto-fit, minmax(180px, 260px))',
    justifyContent: 'center',
    [NARROW]: { gridTemplateColumns: '1fr', gap: tokens.spacingVerticalS },
  },
  tile: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    gap: tokens.spacingVerticalS,
    padding: tokens.spacingVerticalXXL,
    borderRadius: tokens.borderRadiusXLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: tokens.shadow4,
    textAlign: 'center',
    minWidth: 0,
    [NARROW]: {
      flexDirection: 'row',
      textAlign: 'start',
      padding: tokens.spacingVerticalM,
      gap: tokens.spacingHorizontalM,
    },
  },
  speaking: { outline: `3px solid ${tokens.colorBrandStroke1}` },
  text: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    minWidth: 0,
    overflowWrap: 'anywhere',
    flexGrow: 1,
    [NARROW]: { alignItems: 'start' },
  },
  marks: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalXS,
    justifyContent: 'center',
    minHeight: '20px',
    [NARROW]: { justifyContent: 'end', minHeight: 0 },
  },
  quiet: { color: tokens.colorNeutralForeground3 },
  waiting: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: tokens.spacingVerticalS },
  row: { display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: tokens.spacingHorizontalM },
  name: { flexGrow: 1, flexBasis: '80px', margin: 0, overflowWrap: 'anywhere' },
  actions: { display: 'flex', gap: tokens.spacingHorizontalS },
})

interface PeopleProps {
  readonly call: CallView
}

/** Everybody who is in. */
export function People({ call }: PeopleProps): React.JSX.Element {
  const styles = useStyles()
  const levels = usePhoneState().levels[call.callId] ?? {}
  const people = call.roster.filter(({ inLobby }) => !inLobby)
  return (
    <ul className={styles.people} aria-label="People in the call">
      {people.map((entry) => (
        <Person key={entry.participantId} entry={entry} speaking={(levels[entry.participantId] ?? 0) > SPEAKING} />
      ))}
    </ul>
  )
}

interface PersonProps {
  readonly entry: RosterEntry
  readonly speaking: boolean
}

function Person({ entry, speaking }: PersonProps): React.JSX.Element {
  const styles = useStyles()
  const narrow = useMedia(NARROW.slice('@media '.length))
  const audible = speaking && !entry.muted
  return (
    <li className={mergeClasses(styles.tile, audible && styles.speaking)} data-speaking={audible}>
      <PartyAvatar party={entry} size={narrow ? 48 : 64} />
      <div className={styles.text}>
        <Text weight="semibold">{nameOf(entry)}</Text>
        <Text size={200} className={styles.quiet}>
          {[entry.me ? 'You' : '', roleLine(entry)].filter((part) => part !== '').join(' · ')}
        </Text>
      </div>
      <div className={styles.marks}>
        {entry.muted && (
          <Badge appearance="tint" color="informative" icon={<MicOffRegular />}>
            {entry.mutedByOthers ? 'Muted by others' : 'Muted'}
          </Badge>
        )}
        {entry.onHold && (
          <Badge appearance="tint" color="warning" icon={<PauseRegular />}>
            On hold
          </Badge>
        )}
        {entry.sharing && (
          <Badge appearance="tint" color="brand" icon={<ShareScreenPersonRegular />}>
            Presents
          </Badge>
        )}
      </div>
    </li>
  )
}

function roleLine({ role, kind }: RosterEntry): string {
  if (role === 'organizer') return 'Organizer'
  const kinds: Readonly<Record<RosterEntry['kind'], string>> = {
    user: '',
    application: 'Bot',
    phone: 'Phone',
    guest: 'Guest',
    unknown: '',
  }
  return kinds[kind]
}

/** Everybody who waits in the lobby, for those who may let them in. */
export function Lobby({ call }: PeopleProps): React.JSX.Element | undefined {
  const styles = useStyles()
  const { phone } = useTools()
  const waiting = call.roster.filter(({ inLobby, me }) => inLobby && !me)
  const admittingAll = useAsked(`admit ${call.callId}`)
  if (waiting.length === 0) return undefined
  return (
    <Panel label="Lobby">
      <div className={styles.row}>
        <Text as="h2" weight="semibold" className={styles.name} aria-live="polite">
          {`${count(waiting.length, 'person', 'people')} in the lobby`}
        </Text>
        {call.mayAdmit && waiting.length > 1 && (
          <Button size="small" disabled={admittingAll} onClick={() => void phone.admit(call.callId)}>
            Admit all
          </Button>
        )}
      </div>
      <ul className={styles.waiting}>
        {waiting.map((entry) => (
          <WaitingPerson key={entry.participantId} call={call} entry={entry} />
        ))}
      </ul>
    </Panel>
  )
}

function WaitingPerson({ call, entry }: PeopleProps & { readonly entry: RosterEntry }): React.JSX.Element {
  const styles = useStyles()
  const { phone } = useTools()
  const asked = useAsked(`admit ${entry.participantId}`)
  const name = nameOf(entry)
  return (
    <li className={styles.row}>
      <PartyAvatar party={entry} size={32} />
      <Text className={styles.name}>{name}</Text>
      {call.mayAdmit && (
        <div className={styles.actions}>
          <Button
            size="small"
            icon={<DismissRegular />}
            aria-label={`Turn away ${name}`}
            disabled={asked}
            onClick={() => void phone.turnAway(call.callId, entry.participantId)}
          >
            Turn away
          </Button>
          <Button
            size="small"
            appearance="primary"
            icon={<CheckmarkRegular />}
            aria-label={`Admit ${name}`}
            disabled={asked}
            onClick={() => void phone.admit(call.callId, entry.participantId)}
          >
            Admit
          </Button>
        </div>
      )}
    </li>
  )
}
