/** The live calls: to be filtered, in pages, each to be looked at. */
import { Button, Field, Input, makeStyles, Select, Text, tokens } from '@fluentui/react-components'
import { SearchRegular } from '@fluentui/react-icons'
import type { LiveFilter, LiveView } from '../../../src/control/live-view.ts'
import { useClock } from '../../shared/hooks.ts'
import { Panel } from '../../shared/panel.tsx'
import { count } from '../../shared/text.ts'
import { NARROW } from '../../shared/theme.ts'
import { MOST, PAGE } from '../watch.ts'
import { STATE_NAMES } from '../words.ts'
import { CallRow } from './call-row.tsx'
import { useTools, useWatch } from './context.ts'

const useStyles = makeStyles({
  filters: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 2fr) minmax(0, 1fr)',
    gap: tokens.spacingHorizontalM,
    [NARROW]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  calls: { listStyleType: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column' },
  foot: { display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: tokens.spacingHorizontalM },
  quiet: { color: tokens.colorNeutralForeground3 },
  command: {
    margin: 0,
    padding: tokens.spacingHorizontalM,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
  },
})

export function CallsPanel({ view }: { readonly view: LiveView }): React.JSX.Element {
  const styles = useStyles()
  const { runtime, watch } = useTools()
  const { link, at, chosen } = useWatch()
  const ticks = link.state === 'live' && view.clock.kind === 'real'
  const here = useClock(runtime, ticks)
  const now = Date.parse(view.clock.now) + (ticks ? Math.max(0, here - at) : 0)
  const { value, matching, live } = view
  const gone = chosen?.gone === true ? chosen.conversation : undefined
  // Whoever looks at a call goes on looking at it, at its place, when it is over.
  const shown = gone ? [...value, gone].toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1)) : value
  return (
    <Panel title="Live calls">
      <Filters view={view} />
      {shown.length === 0 && (live === 0 ? <NoCalls /> : <NoMatch live={live} />)}
      {shown.length > 0 && (
        <ul className={styles.calls} aria-label="Live calls">
          {shown.map((one) => (
            <CallRow
              key={one.id}
              conversation={one}
              now={now}
              isChosen={one.id === chosen?.conversation.id}
              isGone={one === gone}
            />
          ))}
        </ul>
      )}
      <div className={styles.foot}>
        <Text size={200} className={styles.quiet} role="status">
          {value.length === 0 ? '' : `${value.length} of ${count(matching, 'call')}, the newest first`}
        </Text>
        {value.length < matching && value.length < MOST && (
          <Button size="small" onClick={() => watch.seek({ limit: Math.min(MOST, value.length + PAGE) })}>
            Show more
          </Button>
        )}
        {value.length >= MOST && matching > MOST && (
          <Text size={200}>No more than {MOST} are shown: search for the others.</Text>
        )}
      </div>
    </Panel>
  )
}

const FILTERS = Object.keys(STATE_NAMES) as readonly LiveFilter[]

function Filters({ view }: { readonly view: LiveView }): React.JSX.Element {
  const styles = useStyles()
  const { watch } = useTools()
  const { query } = useWatch()
  return (
    <div className={styles.filters}>
      <Field label="Search">
        <Input
          value={query.text}
          type="search"
          placeholder="Name, number, application, tenant or id"
          contentBefore={<SearchRegular />}
          autoComplete="off"
          maxLength={256}
          onChange={(_event, data) => watch.seek({ text: data.value })}
        />
      </Field>
      <Field label="State">
        <Select
          value={query.state ?? ''}
          onChange={(_event, data) => watch.seek({ state: FILTERS.find((one) => one === data.value) })}
        >
          <option value="">All ({view.live})</option>
          {FILTERS.map((filter) => (
            <option key={filter} value={filter}>
              {STATE_NAMES[filter]} ({view.counts[filter]})
            </option>
          ))}
        </Select>
      </Field>
    </div>
  )
}

/** What to do to have a call. */
function NoCalls(): React.JSX.Element {
  const styles = useStyles()
  const { control } = useTools()
  const server = control.url('..').href.replace(/\/$/, '')
  return (
    <>
      <Text>No call is live. With the demo directory, this makes some, in a second shell:</Text>
      <pre className={styles.command}>
        {server.endsWith(':8080') ? 'npm run demo' : `npm run demo -- --url ${server}`}
      </pre>
    </>
  )
}

function NoMatch({ live }: { readonly live: number }): React.JSX.Element {
  const { watch } = useTools()
  return (
    <>
      <Text>None of {count(live, 'live call')} fits.</Text>
      <div>
        <Button size="small" onClick={() => watch.seek({ text: '', state: undefined })}>
          Show all
        </Button>
      </div>
    </>
  )
}
