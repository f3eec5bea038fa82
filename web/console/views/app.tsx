/** The console's page: how it stands with the server, and the live view. */
import {
  Badge,
  Button,
  makeStyles,
  mergeClasses,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useEffect } from 'react'
import { NARROW } from '../../shared/theme.ts'
import { momentText } from '../words.ts'
import type { WatchState } from '../watch.ts'
import { CallsPanel } from './calls-panel.tsx'
import { useTools, useWatch } from './context.ts'
import { KeyView } from './key-view.tsx'
import { SoundPanel } from './sound-panel.tsx'

const useStyles = makeStyles({
  page: {
    boxSizing: 'border-box',
    minHeight: '100dvh',
    maxWidth: '1280px',
    margin: '0 auto',
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalL,
    padding: tokens.spacingHorizontalXXL,
    paddingTop: tokens.spacingVerticalL,
    [NARROW]: { padding: tokens.spacingHorizontalM },
  },
  header: { display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: tokens.spacingHorizontalM },
  brand: { flexGrow: 1, margin: 0, color: tokens.colorBrandForeground1 },
  main: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL, flexGrow: 1, minWidth: 0 },
  view: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL, minWidth: 0 },
  // What was so, and may not be any more; as readable as before.
  past: { filter: 'grayscale(1)', outline: `2px dashed ${tokens.colorNeutralStroke1}`, outlineOffset: '4px' },
})

export function ConsolePage(): React.JSX.Element {
  const styles = useStyles()
  const state = useWatch()
  useTitle(state)
  const { link, view } = state
  return (
    <div className={styles.page}>
      <Header />
      <main className={styles.main}>
        {link.state === 'locked' ? (
          <KeyView explanation={link.explanation} given={link.given} />
        ) : (
          <>
            <LostBanner />
            {link.state === 'loading' && !view && <Spinner label="Connecting …" />}
            {view && (
              <div className={mergeClasses(styles.view, link.state === 'lost' && styles.past)}>
                <SoundPanel sound={view.sound} />
                <CallsPanel view={view} />
              </div>
            )}
          </>
        )}
      </main>
    </div>
  )
}

function Header(): React.JSX.Element {
  const styles = useStyles()
  const { control, watch } = useTools()
  const { link, view } = useWatch()
  return (
    <header className={styles.header}>
      <Text as="h1" weight="semibold" size={400} className={styles.brand}>
        Rollcall console
      </Text>
      {view?.clock.kind === 'virtual' && (
        <Badge appearance="outline" color="informative" size="large">
          Virtual clock, at {momentText(view.clock.now)}
        </Badge>
      )}
      {link.state === 'live' && (
        <Badge appearance="tint" color="success" size="large">
          Live
        </Badge>
      )}
      {control.hasKey && link.state !== 'locked' && (
        <Button
          size="small"
          appearance="subtle"
          onClick={() => {
            control.forgetKey()
            watch.unlock()
          }}
        >
          Forget the key
        </Button>
      )}
    </header>
  )
}

function LostBanner(): React.JSX.Element | undefined {
  const { watch } = useTools()
  const { link, view, at } = useWatch()
  if (link.state !== 'lost') return undefined
  const below = view ? ` What is shown was so at ${new Date(at).toLocaleTimeString()}.` : ''
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        The server is lost: {link.why}.{below} The page comes back by itself.
      </MessageBarBody>
      <MessageBarActions>
        <Button onClick={() => watch.retry()}>Try now</Button>
      </MessageBarActions>
    </MessageBar>
  )
}

/** The page's title says what goes on, for whoever looks at other pages. */
function useTitle({ link, view }: WatchState): void {
  const title =
    link.state === 'lost' ? 'Lost – Rollcall console' : `${view ? `${view.live} live – ` : ''}Rollcall console`
  useEffect(() => {
    document.title = title
  }, [title])
}
