/** How sound is doing: who is connected by it, and how many more fit. */
import {
  Badge,
  type BadgeProps,
  makeStyles,
  MessageBar,
  MessageBarBody,
  ProgressBar,
  type ProgressBarProps,
  Text,
  tokens,
} from '@fluentui/react-components'
import { CheckmarkCircleRegular, DismissCircleRegular, InfoRegular, WarningRegular } from '@fluentui/react-icons'
import type { LiveView } from '../../../src/control/live-view.ts'
import { Panel } from '../../shared/panel.tsx'
import { SPOKEN } from '../../shared/theme.ts'
import { figuresOf, type Room, roomOf, takenLine, troublesOf } from '../words.ts'

const useStyles = makeStyles({
  state: { display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: tokens.spacingHorizontalM },
  bar: { height: '12px' },
  figures: {
    margin: 0,
    display: 'grid',
    gap: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalL}`,
    gridTemplateColumns: 'repeat(auto-fill, minmax(150px, 1fr))',
  },
  figure: { display: 'flex', flexDirection: 'column', minWidth: 0, overflowWrap: 'anywhere' },
  name: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  value: { margin: 0, fontVariantNumeric: 'tabular-nums' },
  spoken: SPOKEN,
})

interface Look {
  readonly badge: NonNullable<BadgeProps['color']>
  readonly bar: NonNullable<ProgressBarProps['color']>
  readonly icon: React.JSX.Element
}

const good: Look = { badge: 'success', bar: 'brand', icon: <CheckmarkCircleRegular /> }
const quiet: Look = { badge: 'informative', bar: 'brand', icon: <InfoRegular /> }
const warns: Look = { badge: 'warning', bar: 'warning', icon: <WarningRegular /> }
const bad: Look = { badge: 'danger', bar: 'error', icon: <DismissCircleRegular /> }
/** Each has an icon and a word beside its colour. */
const LOOKS: Readonly<Record<Room['level'], Look>> = {
  idle: quiet,
  room: good,
  near: warns,
  full: bad,
  broken: warns,
  down: bad,
  off: quiet,
}

export function SoundPanel({ sound }: { readonly sound: LiveView['sound'] }): React.JSX.Element {
  const styles = useStyles()
  const room = roomOf(sound)
  const look = LOOKS[room.level]
  const possible = sound.legs + sound.capacityLeft
  const taken = takenLine(sound)
  return (
    <Panel title="Sound">
      <div className={styles.state} data-level={room.level}>
        <Badge size="large" appearance="tint" color={look.badge} icon={look.icon}>
          {room.label}
        </Badge>
        <Text>{room.sentence}</Text>
      </div>
      {/* Said when it changes, and not with every number. */}
      <div className={styles.spoken} role="status">
        Sound: {room.label}
      </div>
      <div>
        <ProgressBar
          className={styles.bar}
          aria-label="Connections with sound"
          aria-valuetext={taken}
          value={possible === 0 ? 0 : sound.legs / possible}
          color={look.bar}
          shape="rounded"
        />
        <Text size={200}>{taken}: people at browsers, and applications with their own media</Text>
      </div>
      {troublesOf(sound).map((trouble) => (
        <MessageBar key={trouble} intent="warning" layout="multiline">
          <MessageBarBody>{trouble}</MessageBarBody>
        </MessageBar>
      ))}
      <dl className={styles.figures}>
        {figuresOf(sound).map(([name, figure]) => (
          <div key={name} className={styles.figure}>
            <dt className={styles.name}>{name}</dt>
            <dd className={styles.value}>{figure}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  )
}
