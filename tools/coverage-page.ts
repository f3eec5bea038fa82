/** The reference page of what is published and what of it is there, made from the route tables. */
import type { CoverageRow } from '../src/graph/coverage.ts'
import { coverage, versions } from '../src/graph/coverage.ts'
import { TODAY } from '../src/graph/routes/published.ts'

const INTRODUCTION = `<!-- Made by \`npm run generate\` from the route tables in src/graph/; change those instead. -->

# Coverage

Every operation that is published, version by version, as the server has it: a test fails when this page and the routes
differ. \`GET /control/coverage\` says the same as JSON.

- **done**: as published, in every version that has it.
- _partial_: the note says what is missing.
- refused: answered 501 by its name; the note says why.
- –: that version never had it. It is served there all the same, since input is liberal in every version.

Calls are also at \`/app/calls\` and, in beta, at \`/applications/{appId}/calls\`; actions may be written with their
namespace. [versions.md](versions.md) says how the versions differ.`

/** The page as Markdown. */
export function coveragePage(): string {
  const areas = Map.groupBy(coverage(), ({ area }) => area)
  const parts = [...areas].map(([area, rows]) => section(area, rows))
  return [INTRODUCTION, ...parts].join('\n\n')
}

function section(area: CoverageRow['area'], rows: readonly CoverageRow[]): string {
  const columns = area === 'calls' ? versions : TODAY
  const permission = area === 'calls' ? ['permission today', 'permission until 2021'] : ['permission']
  const counts = (['done', 'partial', 'refused'] as const)
    .map((state) => [rows.filter((row) => row.state === state).length, state] as const)
    .filter(([count]) => count > 0)
    .map(([count, state]) => `${count} ${state}`)
  const body = rows.map((row) => [
    row.operation,
    `\`${row.method} ${row.path}\``,
    ...columns.map((version) => (row.published.includes(version) ? mark(row.state) : '–')),
    row.permissions.today,
    ...(area === 'calls' ? [row.permissions.until2021] : []),
    row.note ?? '',
  ])
  const head = ['operation', 'request', ...columns, ...permission, 'note']
  const lines = [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`)
  return `## ${area[0]?.toUpperCase()}${area.slice(1)}: ${counts.join(', ')}\n\n${lines.join('\n')}\n`
}

function mark(state: CoverageRow['state']): string {
  return state === 'done' ? '**done**' : state === 'partial' ? '_partial_' : 'refused'
}
