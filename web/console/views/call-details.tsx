/** A chosen call: its ids to be copied, and what control tells of it. */
import {
  Button,
  Field,
  Input,
  Link,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Text,
  tokens,
} from '@fluentui/react-components'
import { CheckmarkRegular, CopyRegular } from '@fluentui/react-icons'
import { useId, useState } from 'react'
import type { LiveConversation } from '../../../src/control/live-view.ts'
import { type Line, type Question, questions } from '../answers.ts'
import { useTools } from './context.ts'

/** So many lines are shown, the newest. */
const MOST_LINES = 200

const useStyles = makeStyles({
  details: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalM,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalS} ${tokens.spacingVerticalL}`,
    minWidth: 0,
  },
  ids: {
    display: 'grid',
    gap: tokens.spacingHorizontalM,
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 380px), 1fr))',
  },
  buttons: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
  lines: {
    margin: 0,
    padding: 0,
    listStyleType: 'none',
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalXS,
    overflowWrap: 'anywhere',
  },
  region: {
    maxHeight: '320px',
    overflowY: 'auto',
    padding: tokens.spacingHorizontalM,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  at: { fontVariantNumeric: 'tabular-nums', color: tokens.colorNeutralForeground3, marginRight: '8px' },
  more: { display: 'block', color: tokens.colorNeutralForeground3 },
})

interface Props {
  readonly id: string
  readonly conversation: LiveConversation
  readonly isGone: boolean
}

export function CallDetails({ id, conversation, isGone }: Props): React.JSX.Element {
  const styles = useStyles()
  return (
    <div id={id} className={styles.details}>
      {isGone && (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>
            This call has ended, or is not among those that are shown. It was like this at last.
          </MessageBarBody>
        </MessageBar>
      )}
      <div className={styles.ids}>
        {conversation.calls.map((call) => (
          <CopiedId
            key={call.id}
            label={`Call of ${call.displayName ?? call.appId} (${call.direction}, ${call.state})`}
            value={call.id}
          />
        ))}
        <CopiedId label="Conversation" value={conversation.id} />
      </div>
      <Answers conversation={conversation} />
    </div>
  )
}

/** An id with a button that copies it. */
function CopiedId({ label, value }: { readonly label: string; readonly value: string }): React.JSX.Element {
  const id = useId()
  const [told, setTold] = useState('')
  const copy = async (): Promise<void> => {
    // Browsers give the clipboard to pages at https and localhost only.
    const clipboard = navigator.clipboard as Clipboard | undefined
    const input = document.getElementById(id)
    if (input instanceof HTMLInputElement) input.select()
    try {
      await clipboard?.writeText(value)
      setTold(clipboard ? 'Copied' : 'Selected: copy it with the keyboard')
    } catch {
      setTold('Selected: copy it with the keyboard')
    }
  }
  return (
    <Field label={label} {...(told !== '' && { validationMessage: told, validationState: 'success' as const })}>
      <Input
        id={id}
        readOnly
        value={value}
        onBlur={() => setTold('')}
        contentAfter={
          <Button
            size="small"
            appearance="transparent"
            icon={told === 'Copied' ? <CheckmarkRegular /> : <CopyRegular />}
            aria-label={`Copy: ${label}`}
            onClick={() => void copy()}
          />
        }
      />
    </Field>
  )
}

type Reading =
  | { readonly state: 'none' }
  | { readonly state: 'asked' | 'failed'; readonly question: Question; readonly problem?: string }
  | { readonly state: 'read'; readonly question: Question; readonly path: string; readonly lines: readonly Line[] }

/** What can be asked of it, and the last answer. */
function Answers({ conversation }: { readonly conversation: LiveConversation }): React.JSX.Element {
  const styles = useStyles()
  const { control } = useTools()
  const [reading, setReading] = useState<Reading>({ state: 'none' })
  const ask = async (question: Question): Promise<void> => {
    // An explanation of a call has its notifications, too.
    const path = question.path((question.name === 'explain' && conversation.calls[0]?.id) || conversation.id)
    setReading({ state: 'asked', question })
    try {
      const told = await control.get(path)
      if (told.state === 'told') setReading({ state: 'read', question, path, lines: question.read(told.body) })
      else setReading({ state: 'failed', question, problem: told.explanation })
    } catch (fault) {
      const problem = `The server could not be asked: ${fault instanceof Error ? fault.message : String(fault)}.`
      setReading({ state: 'failed', question, problem })
    }
  }
  return (
    <>
      <div className={styles.buttons}>
        {questions.map((question) => (
          <Button
            key={question.name}
            size="small"
            appearance={reading.state !== 'none' && reading.question === question ? 'primary' : 'secondary'}
            onClick={() => void ask(question)}
          >
            {question.label}
          </Button>
        ))}
        {reading.state === 'read' && <Source path={reading.path} />}
      </div>
      {reading.state === 'failed' && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>{reading.problem}</MessageBarBody>
        </MessageBar>
      )}
      {reading.state === 'read' && <Lines question={reading.question} lines={reading.lines} />}
    </>
  )
}

/** Where an answer is from: to be opened, where that needs no key. */
function Source({ path }: { readonly path: string }): React.JSX.Element {
  const { control } = useTools()
  if (control.hasKey) return <Text size={200}>GET /control/{path}</Text>
  return (
    <Text size={200}>
      <Link href={control.url(path).href} target="_blank" rel="noreferrer" inline>
        GET /control/{path}
      </Link>
    </Text>
  )
}

interface LinesProps {
  readonly question: Question
  readonly lines: readonly Line[]
}

function Lines({ question, lines }: LinesProps): React.JSX.Element {
  const styles = useStyles()
  if (lines.length === 0) return <Text>{question.none}</Text>
  const shown = lines.slice(-MOST_LINES)
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- whoever has no mouse scrolls it, too */}
      <div role="region" aria-label={question.label} tabIndex={0} className={styles.region}>
        <ol className={styles.lines}>
          {shown.map(({ at, text, more }, index) => (
            <li key={`${index} ${text}`}>
              {at !== undefined && <span className={styles.at}>{at.slice(11, 23)}</span>}
              {text}
              {more !== undefined && <span className={styles.more}>{more}</span>}
            </li>
          ))}
        </ol>
      </div>
      {shown.length < lines.length && (
        <Text size={200}>
          The last {shown.length} of {lines.length} lines.
        </Text>
      )}
    </>
  )
}
