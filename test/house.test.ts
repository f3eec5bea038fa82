/** The rules of the house: that the tree keeps them, and that each of them would notice if it did not. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Violation } from '../tools/house-rule.ts'
import { exceptions, rules } from '../tools/house-rules.ts'
import { modules } from '../tools/import-rules.ts'
import { parseSource, readSources } from '../tools/source-file.ts'

const sources = readSources()

function check(name: string, files: Readonly<Record<string, string>>): Violation[] {
  const rule = rules.find((each) => each.name === name)
  assert.ok(rule, `there is no rule "${name}"`)
  return rule.check(Object.entries(files).map(([path, text]) => parseSource(path, text)))
}

describe('the tree keeps the rule:', () => {
  for (const rule of rules) {
    it(rule.name, () => {
      const excused = exceptions.filter((exception) => exception.rule === rule.name).map((exception) => exception.path)
      const violations = rule.check(sources).filter((violation) => !excused.includes(violation.path))
      const lines = violations.map(({ path, line, message }) => `${path}:${line} ${message}`)
      if (lines.length > 0) assert.fail(`\n${lines.join('\n')}`)
    })
  }

  it('an exception has a reason and is still needed', () => {
    for (const { rule, path, reason } of exceptions) {
      assert.ok(reason.length > 20, `say why ${path} may break "${rule}"`)
      const broken = rules.find((each) => each.name === rule)?.check(sources) ?? []
      assert.ok(
        broken.some((violation) => violation.path === path),
        `${path} keeps "${rule}": remove its exception`,
      )
    }
  })
})

const WALLS = 'a module imports only what tools/import-rules.ts allows it'
const CIRCLES = 'modules import each other in no circle that is not declared'
const FILE_CIRCLES = 'files import each other in no circle'
const PACKAGES = 'src imports only packages that are dependencies'
const EXTENSIONS = 'a relative import names its .ts file'
const DEAD = 'every file of src is reached from src/main.ts, a tool or an example'
const BANS = 'src takes time, chance, settings and the log as parameters'
const FILE_SIZE = 'a file of src has at most 500 lines'
const FUNCTION_SIZE = 'a function of src has at most 70 lines'
const NAMES = 'file names are kebab-case'
const EXPORTS = 'exports have names'
const ANY = 'nothing is of type any'
const IGNORING = 'the type checker is not silenced'
const LOOSE_ENDS = 'the tree describes what is, and not what is planned'

const one = (path: string, text: string): Record<string, string> => ({ [path]: text })
const lines = (count: number): string => 'f()\n'.repeat(count)

/** What breaks a rule, and what the rule must say. Every rule must be here. */
const refused: readonly [rule: string, files: Record<string, string>, message: RegExp][] = [
  [
    WALLS,
    one('src/calls/a.ts', "import { b } from '../store/store.ts'"),
    /^calls may not import src\/store\/store\.ts/,
  ],
  [WALLS, one('src/calls/a.ts', "import type { Clock } from '../runtime.ts'"), /it may import nothing but itself/],
  [WALLS, one('src/calls/a.ts', "import { hash } from 'node:crypto'"), /^calls may not import node:crypto/],
  [WALLS, one('src/calls/a.ts', "import { z } from 'zod'"), /^calls may not import the package zod/],
  [WALLS, one('src/runtime.ts', "import { z } from 'zod'"), /^runtime may not import the package zod/],
  [WALLS, one('src/graph/wire/a.ts', "import { b } from '../routes/b.ts'"), /^wire may not import src\/graph\/routes/],
  [
    WALLS,
    one('src/graph/routes/a.ts', "export { b } from '../../oauth/keys.ts'"),
    /^graph may not import .*bearer\.ts/,
  ],
  [WALLS, one('src/switchboard/a.ts', "await import('../store/sqlite.ts')"), /^switchboard may not import .*sqlite/],
  [WALLS, one('src/store/a.ts', "let b: import('../media/rooms.ts').Rooms"), /^store may not import src\/media/],
  [WALLS, one('src/main.ts', "import { b } from '../test/support/b.ts'"), /^src may not import test\/support\/b\.ts/],
  [WALLS, one('src/control/a.ts', "import { start } from '../server.ts'"), /^nobody may import src\/server\.ts/],
  [WALLS, one('src/server.ts', "import { b } from './main.ts'"), /^nobody may import src\/main\.ts/],
  [WALLS, one('src/http/a.ts', "import { b } from '../../web/runtime.ts'"), /^http may not import web\/runtime\.ts/],
  [WALLS, one('web/phone/a.tsx', "import { b } from '../../src/calls/b.ts'"), /^web may not import src\/calls\/b\.ts/],
  [
    WALLS,
    one('web/phone/a.ts', "import { helloSchema } from '../../src/endpoints/browser/protocol.ts'"),
    /^web may not import .*protocol\.ts/,
  ],
  [WALLS, one('web/phone/a.ts', "import { hash } from 'node:crypto'"), /^web may not import node:crypto/],
  [WALLS, one('src/utils/a.ts', ''), /^no module .* has this file/],
  [WALLS, one('src/calls/a.ts', "import { b } from '../utils/b.ts'"), /^no module .* has src\/utils\/b\.ts/],
  [
    FILE_CIRCLES,
    {
      'src/calls/a.ts': "import type { B } from './b.ts'",
      'src/calls/b.ts': "import { c } from './c.ts'",
      'src/calls/c.ts': "import { a } from './a.ts'",
    },
    /^src\/calls\/\w\.ts imports src\/calls\/\w\.ts, which leads back to it/,
  ],
  [
    CIRCLES,
    { 'src/store/a.ts': "import '../calls/b.ts'", 'src/calls/b.ts': "import '../store/a.ts'" },
    /^(store imports calls|calls imports store), which leads back/,
  ],
  [
    PACKAGES,
    one('src/store/a.ts', "import { parseSync } from 'oxc-parser'"),
    /^oxc-parser is not under "dependencies"/,
  ],
  [PACKAGES, one('src/store/a.ts', "import { a } from '@scope/name/deep'"), /^@scope\/name is not/],
  [EXTENSIONS, one('src/calls/a.ts', "import { b } from './b'"), /write the extension: '\.\/b\.ts'/],
  [EXTENSIONS, one('test/a.ts', "import { b } from './b.js'"), /write the extension: '\.\/b\.ts'/],
  [DEAD, { 'src/main.ts': "import './a.ts'", 'src/a.ts': '', 'src/b.ts': '' }, /^nothing imports this file/],
  [BANS, one('src/calls/a.ts', 'const at = Date.now()'), /^Date\.now .* call clock\.now\(\)/],
  [BANS, one('src/calls/a.ts', 'const at = new Date()'), /^new Date\(\) .* call clock\.now\(\)/],
  [BANS, one('src/calls/a.ts', 'const at = Date()'), /call clock\.now\(\)/],
  [BANS, one('src/calls/a.ts', "const at = Date['now']"), /call clock\.now\(\)/],
  [BANS, one('src/calls/a.ts', 'performance.now()'), /call clock\.now\(\)/],
  [BANS, one('src/calls/a.ts', 'setTimeout(f, 1)'), /call clock\.schedule\(\)/],
  [BANS, one('src/calls/a.ts', 'globalThis.setTimeout(f, 1)'), /call clock\.schedule\(\)/],
  [BANS, one('src/calls/a.ts', 'const later = setInterval'), /call clock\.schedule\(\) again/],
  [BANS, one('src/http/a.ts', "import { setTimeout as wait } from 'node:timers/promises'"), /call clock\.schedule\(\)/],
  [BANS, one('src/calls/a.ts', 'Math.random()'), /the Ids of src\/runtime\.ts/],
  [BANS, one('src/calls/a.ts', 'crypto.randomUUID()'), /call ids\.guid\(\)/],
  [BANS, one('src/http/a.ts', "import { randomBytes as r } from 'node:crypto'"), /call ids\.secret\(\)/],
  [BANS, one('src/main.ts', 'process.env.HOME'), /src\/config\.ts alone: take it from Config/],
  [BANS, one('src/main.ts', "import { env } from 'node:process'"), /take it from Config/],
  [BANS, one('src/server.ts', "console.log('x')"), /src\/program\.ts alone: take the Logger/],
  [FILE_SIZE, one('src/calls/a.ts', lines(501)), /^501 lines/],
  [FUNCTION_SIZE, one('src/calls/a.ts', `function a() {\n${lines(69)}}`), /^71 lines/],
  [FUNCTION_SIZE, one('src/calls/a.ts', `const a = () => {\n${lines(69)}}`), /^71 lines/],
  [FUNCTION_SIZE, one('src/calls/a.ts', `class A { a() {\n${lines(69)}} }`), /^71 lines/],
  [NAMES, one('src/calls/callState.ts', ''), /small letters/],
  [EXPORTS, one('tools/a.ts', 'export default 1'), /give the export a name/],
  [EXPORTS, one('tools/a.ts', 'const a = 1; export { a as default }'), /give the export a name/],
  [ANY, one('test/a.ts', 'const a: any = 1'), /unknown/],
  [ANY, one('test/a.ts', 'const a = b as any[]'), /unknown/],
  [IGNORING, one('test/a.ts', '// @ts-ignore\na()'), /mend the type/],
  [LOOSE_ENDS, one('tools/a.ts', '/* TODO: more */'), /do it now/],
  [LOOSE_ENDS, one('tools/a.ts', '// FIXME'), /do it now/],
]

describe('a rule refuses:', () => {
  for (const [rule, files, message] of refused) {
    it(Object.entries(files).map(describeFile).join(' and '), () => {
      const violations = check(rule, files)
      assert.ok(violations.length > 0, `nothing breaks "${rule}"`)
      for (const violation of violations) assert.match(violation.message, message)
    })
  }

  it('something, whatever the rule', () => {
    for (const rule of rules)
      assert.ok(
        refused.some(([name]) => name === rule.name),
        `show what breaks "${rule.name}"`,
      )
  })
})

/** What looks like a violation, and is none. */
const accepted: readonly [rule: string, files: Record<string, string>][] = [
  [WALLS, one('src/calls/a.test.ts', "import { b } from '../store/sqlite.ts'")],
  [WALLS, one('src/server.ts', "import { b } from './store/sqlite.ts'")],
  [WALLS, one('src/main.ts', "import { b } from './server.ts'")],
  [WALLS, one('src/graph/wire/a.ts', "import { b } from '../dialects/b.ts'")],
  [WALLS, one('src/graph/routes/a.ts', "import { b } from '../../oauth/bearer.ts'")],
  [WALLS, one('src/config.ts', "import manifest from '../package.json' with { type: 'json' }")],
  [CIRCLES, { 'src/graph/wire/a.ts': "import '../dialects/b.ts'", 'src/graph/dialects/b.ts': "import '../wire/a.ts'" }],
  [PACKAGES, one('src/http/a.ts', "import { request } from 'undici'; import { connect } from 'node:net'")],
  [PACKAGES, one('src/http/a.test.ts', "import fc from 'fast-check'")],
  [DEAD, { 'src/main.ts': "import './a.ts'", 'src/a.ts': "import './b.ts'", 'src/b.ts': '', 'src/b.test.ts': '' }],
  [BANS, one('src/calls/a.ts', 'const at = new Date(now)')],
  [BANS, one('src/http/a.ts', 'socket.setTimeout(1000)')],
  [BANS, one('src/http/a.ts', "import { createHash, timingSafeEqual } from 'node:crypto'")],
  [BANS, one('src/http/a.ts', 'let timer: ReturnType<typeof setTimeout>; const a = { console: 1 }')],
  [BANS, one('src/runtime.ts', 'setTimeout(f, Date.now())')],
  [WALLS, one('web/phone/a.ts', "import type { Hello } from '../../src/endpoints/browser/protocol.ts'")],
  [NAMES, { 'web/phone/call-view.tsx': 'export const a = <p>1</p>' }],
  [BANS, one('src/http/a.test.ts', 'setTimeout(f, 1)')],
  [FILE_SIZE, one('src/calls/a.ts', lines(500))],
  [FUNCTION_SIZE, one('src/calls/a.ts', `function a() {\n${lines(68)}}`)],
  [NAMES, { 'src/calls/call-state.test.ts': '', 'src/store/store.suite.ts': '', 'src/calls/call.ts': '' }],
  [ANY, one('src/calls/a.ts', "const any = 'any'")],
  [LOOSE_ENDS, one('src/calls/a.ts', "const a = 'TODO'")],
]

describe('a rule accepts:', () => {
  for (const [rule, files] of accepted) {
    it(Object.entries(files).map(describeFile).join(' and '), () => assert.deepEqual(check(rule, files), []))
  }
})

describe('the table of modules', () => {
  it('allows only modules and files that have a place in it', () => {
    const names = modules.map((module) => module.name)
    const paths = modules.flatMap((module) => module.paths)
    for (const module of modules) {
      for (const target of module.may === 'everything' ? [] : module.may) {
        const known = names.includes(target) || paths.some((path) => target.startsWith(path))
        assert.ok(known, `${module.name} may import ${target}, which is nothing`)
      }
    }
  })
})

function describeFile([path, text]: [string, string]): string {
  return text.length > 90 ? `${path} of ${text.split('\n').length} lines` : `${path}: ${text.replaceAll('\n', ' ')}`
}
