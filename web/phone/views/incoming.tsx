/** A call that rings: who, from where, and what to do about it. */
import { Button, makeStyles, Text, tokens } from '@fluentui/react-components'
import { CallEndRegular, CallRegular } from '@fluentui/react-icons'
import { useEffect, useRef } from 'react'
import type { CallView } from '../../../src/endpoints/browser/protocol.ts'
import { incomingLine, nameOf } from '../words.ts'
import { useAsked, useTools } from './context.ts'
import { PartyAvatar } from './party-avatar.tsx'
import { Panel } from '../../shared/panel.tsx'
import { NARROW } from '../../shared/theme.ts'

const useStyles = makeStyles({
  card: {
    flexDirection: 'row',
    alignItems: 'center',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalL,
    boxShadow: tokens.shadow16,
    borderLeft: `4px solid ${tokens.colorPaletteGreenBorder2}`,
  },
  who: {
    flexGrow: 1,
    flexBasis: '180px',
    minWidth: 0,
    display: 'flex',
    flexDirection: 'column',
    overflowWrap: 'anywhere',
  },
  name: { margin: 0 },
  actions: {
    display: 'flex',
    gap: tokens.spacingHorizontalM,
    [NARROW]: { width: '100%', '> button': { flexGrow: 1 } },
  },
  answer: {
    backgroundColor: tokens.colorPaletteGreenBackground3,
    ':hover': { backgroundColor: tokens.colorPaletteGreenForeground1 },
    ':hover:active': { backgroundColor: tokens.colorPaletteGreenForeground2 },
  },
})

/** One card per call that rings; the keyboard is brought to the first, if it is nowhere else. */
export function IncomingCall({ call }: { readonly call: CallView }): React.JSX.Element {
  const styles = useStyles()
  const { phone } = useTools()
  const answering = useAsked(`answer ${call.callId}`)
  const declining = useAsked(`decline ${call.callId}`)
  const actions = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (document.activeElement === document.body)
      actions.current?.querySelector<HTMLButtonElement>('button:last-child')?.focus()
  }, [])
  const name = nameOf(call.other)
  return (
    <Panel className={styles.card} label={`Incoming call from ${name}`}>
      <PartyAvatar party={call.other} size={64} />
      <div className={styles.who}>
        <Text size={500} weight="semibold" as="h2" className={styles.name}>
          {name}
        </Text>
        <Text>{incomingLine(call)}</Text>
      </div>
      <div className={styles.actions} ref={actions}>
        <Button
          size="large"
          icon={<CallEndRegular />}
          disabled={answering || declining}
          onClick={() => void phone.decline(call.callId)}
        >
          Decline
        </Button>
        <Button
          size="large"
          appearance="primary"
          className={styles.answer}
          icon={<CallRegular />}
          disabledFocusable={answering || declining}
          onClick={() => void phone.answer(call.callId)}
        >
          {answering ? 'Answering …' : 'Answer'}
        </Button>
      </div>
    </Panel>
  )
}
