/** The console: what operators and developers of bots look at. Here its parts are put together. */
import { FluentProvider, makeStyles, tokens } from '@fluentui/react-components'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { browserRuntime as runtime } from '../runtime.ts'
import { useMedia } from '../shared/hooks.ts'
import { darkTheme, lightTheme } from '../shared/theme.ts'
import { Control } from './control.ts'
import { ConsolePage } from './views/app.tsx'
import { type ConsoleTools, ToolsProvider } from './views/context.ts'
import { type Query, Watch } from './watch.ts'

const useStyles = makeStyles({
  page: { minHeight: '100dvh', backgroundColor: tokens.colorNeutralBackground2 },
})

function createConsole(address: URL): ConsoleTools {
  const control = new Control({ address, fetch: (url, init) => fetch(url, init), storage: sessionStorage })
  const watch = new Watch({
    runtime,
    ask: (query, signal) => control.get(`live?${searchOf(query)}`, signal),
    hasKey: () => control.hasKey,
  })
  const look = (): void => watch.look(document.visibilityState === 'visible')
  document.addEventListener('visibilitychange', look)
  addEventListener('online', () => watch.retry())
  look()
  return { runtime, control, watch }
}

function searchOf({ text, state, limit }: Query): string {
  const search = new URLSearchParams({ limit: String(limit) })
  if (text.trim() !== '') search.set('text', text.trim())
  if (state !== undefined) search.set('state', state)
  return search.toString()
}

function App({ tools }: { readonly tools: ConsoleTools }): React.JSX.Element {
  const styles = useStyles()
  const dark = useMedia('(prefers-color-scheme: dark)')
  return (
    <FluentProvider theme={dark ? darkTheme : lightTheme}>
      <div className={styles.page}>
        <ToolsProvider value={tools}>
          <ConsolePage />
        </ToolsProvider>
      </div>
    </FluentProvider>
  )
}

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App tools={createConsole(new URL(location.href))} />
    </StrictMode>,
  )
}
