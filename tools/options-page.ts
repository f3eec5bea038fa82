/** The reference page of the options, made from the table in `src/options.ts`. */
import type { Option, OptionGroup } from '../src/option-types.ts'
import { flagOf, optionGroups, variableOf } from '../src/options.ts'

const INTRODUCTION = `<!-- Made by \`npm run generate\` from src/options.ts; change that instead. -->

# Options

Every option can be given in three ways. The first of these that has it wins; then comes the default.

1. a flag: \`npm start -- --ring-timeout 5s\` (a switch may stand alone: \`--delivery-batch\`, \`--no-delivery-batch\`),
2. an environment variable: \`ROLLCALL_RING_TIMEOUT=5s npm start\` (an empty one counts as not set),
3. a key of the configuration file: \`ringTimeout: 5s\`. The file is YAML. It is \`rollcall.config.yaml\` in the folder
   where the server starts, if it exists, or the file that \`--config\` or \`ROLLCALL_CONFIG\` names.

Durations are written \`250ms\`, \`30s\`, \`45m\`, \`24h\`, \`30d\` or as ISO 8601 has them (\`PT1M30S\`); sizes as bytes, \`512KiB\`
or \`1MiB\`. Paths are relative to the folder where the server starts. A secret can be given as the path of a file that
holds it: add \`-file\` to its flag, \`_FILE\` to its variable or \`File\` to its key.

The server does not start with an option that it does not know or a value that it cannot use, and says what to change.
\`npm start -- --help\` prints this list, \`npm start -- --version\` the version.`

/** The page as Markdown. */
export function optionsPage(): string {
  return [INTRODUCTION, ...optionGroups.map(groupSection), ''].join('\n\n')
}

function groupSection(group: OptionGroup): string {
  const head = '| Flag | Environment | Key | Type | Default | Meaning |\n| --- | --- | --- | --- | --- | --- |'
  const rows = Object.entries(group.options).map(([key, option]) => optionRow(key, option))
  return `## ${group.title}\n\n${[head, ...rows].join('\n')}`
}

function optionRow(key: string, option: Option<unknown>): string {
  const standard = option.default === undefined ? `not set: ${option.unset}` : `\`${option.default}\``
  const description = option.secret ? `${option.description} A secret.` : option.description
  const cells = [`\`${flagOf(key)}\``, `\`${variableOf(key)}\``, `\`${key}\``, option.type.name, standard, description]
  // A bar would end the cell.
  return `| ${cells.map((cell) => cell.replaceAll(' | ', ' or ')).join(' | ')} |`
}
