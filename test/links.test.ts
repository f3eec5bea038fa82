/** The documentation leads to what is there. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

// Peers of benchmarks bring pages of their own.
const pages = globSync(['*.md', 'docs/**/*.md', 'bench/**/*.md', 'examples/**/*.md'], {
  exclude: ['**/node_modules/**'],
})

test('every link within the project leads to a file', () => {
  assert.ok(pages.length > 10)
  for (const page of pages) {
    for (const [, target = ''] of readFileSync(page, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:|^#/.test(target)) continue
      assert.ok(existsSync(join(dirname(page), target.replace(/#.*$/, ''))), `${page} leads to ${target}`)
    }
  }
})
