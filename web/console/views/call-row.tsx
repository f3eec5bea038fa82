/** One live call: in a line, and in detail if it is chosen. */
import { Badge, makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import {
  ChevronDownRegular,
  ChevronRightRegular,
  MicRegular,
  RecordRegular,
  ShareScreenStartRegular,
  VideoRegular,
} from '@fluentui/react-icons'
import type { LiveConversation } from '../../../src/control/live-view.ts'
import { clockText } from '../../shared/text.ts'
import { NARROW, SPOKEN } from '../../shared/theme.ts'
import { aboutLine, namesLine, peopleLine, STATE_NAMES, titleOf } from '../words.ts'
import { CallDetails } from './call-details.tsx'
import { useTools } from './context.ts'

const useStyles = makeStyles({
  item: { borderTop: `1px solid ${tokens.colorNeutralStroke2}` },
  row: {
    boxSizing: 'border-box',
    width: '100%',
    display: 'grid',
    gridTemplateColumns: '20px 132px minmax(0, 3fr) minmax(0, 2fr) 88px 72px',
    alignItems: 'center',
    gap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalS}`,
    border: 'none',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: 'transparent',
    color: tokens.colorNeutralForeground1,
    fontFamily: 'inherit',
    fontSize: tokens.fontSizeBase300,
    lineHeight: tokens.lineHeightBase300,
    textAlign: 'start',
    cursor: 'pointer',
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
    [NARROW]: { gridTemplateColumns: '20px minmax(0, 1fr) auto', rowGap: tokens.spacingVerticalXS },
  },
  who: { display: 'flex', flexDirection: 'column', minWidth: 0, overflowWrap: 'anywhere' },
  title: { fontWeight: tokens.fontWeightSemibold },
  quiet: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  people: { [NARROW]: { gridColumn: '2' } },
  wide: { [NARROW]: { gridColumn: '2 / -1' } },
  icons: { display: 'flex', gap: tokens.spacingHorizontalXS, fontSize: '18px', [NARROW]: { gridColumn: '3' } },
  recording: { color: tokens.colorPaletteRedForeground1 },
  age: {
    fontVariantNumeric: 'tabular-nums',
    textAlign: 'end',
    [NARROW]: { gridRow: '1', gridColumn: '3' },
  },
  spoken: SPOKEN,
})

interface Props {
  readonly conversation: LiveConversation
  /** The product's clock. */
  readonly now: number
  readonly isChosen: boolean
  /** It is not among the live calls that are shown any more. */
  readonly isGone?: boolean
}

export function CallRow({ conversation, now, isChosen, isGone = false }: Props): React.JSX.Element {
  const styles = useStyles()
  const { watch } = useTools()
  const details = `details-${conversation.id}`
  const age = clockText(Math.max(0, now - Date.parse(conversation.createdAt)))
  return (
    <li className={styles.item}>
      <button
        type="button"
        className={styles.row}
        aria-expanded={isChosen}
        {...(isChosen && { 'aria-controls': details })}
        onClick={() => watch.choose(isChosen ? undefined : conversation)}
      >
        {isChosen ? <ChevronDownRegular aria-hidden /> : <ChevronRightRegular aria-hidden />}
        <span>
          <StateBadge state={conversation.state} isGone={isGone} />
        </span>
        <span className={mergeClasses(styles.who, styles.wide)}>
          <span className={styles.title}>{titleOf(conversation)}</span>
          <span className={styles.quiet}>{aboutLine(conversation)}</span>
        </span>
        <span className={mergeClasses(styles.who, styles.people)}>
          <span>{peopleLine(conversation.people)}</span>
          {conversation.subject !== undefined && <span className={styles.quiet}>{namesLine(conversation)}</span>}
        </span>
        <Modalities conversation={conversation} />
        <span className={styles.age}>
          <span className={styles.spoken}>since </span>
          {isGone ? '' : age}
        </span>
      </button>
      {isChosen && <CallDetails id={details} conversation={conversation} isGone={isGone} />}
    </li>
  )
}

function StateBadge({ state, isGone }: { readonly state: LiveConversation['state']; readonly isGone: boolean }) {
  if (isGone) {
    return (
      <Badge size="large" appearance="outline" color="informative">
        Not here now
      </Badge>
    )
  }
  return (
    <Badge size="large" appearance="tint" color={state === 'established' ? 'success' : 'brand'}>
      {STATE_NAMES[state]}
    </Badge>
  )
}

const ICONS: Readonly<Record<string, React.JSX.Element>> = {
  audio: <MicRegular aria-label="Sound" />,
  video: <VideoRegular aria-label="Cameras" />,
  videoBasedScreenSharing: <ShareScreenStartRegular aria-label="Screen" />,
}

function Modalities({ conversation }: { readonly conversation: LiveConversation }): React.JSX.Element {
  const styles = useStyles()
  return (
    <span className={styles.icons}>
      {conversation.modalities.map((modality) => (
        <span key={modality} title={modality}>
          {ICONS[modality]}
        </span>
      ))}
      {conversation.recording && (
        <span className={styles.recording} title="recording">
          <RecordRegular aria-label="Recording" />
        </span>
      )}
    </span>
  )
}
