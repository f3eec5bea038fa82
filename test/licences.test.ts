/** Every package that is installed is under a licence that is allowed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowedLicences, isAllowed, lockedPackages } from '../tools/licences.ts'

const packages = lockedPackages()

test('no package is under a licence that nobody allowed', () => {
  assert.ok(packages.length > 50)
  const others = packages.filter(({ licence }) => !isAllowed(licence))
  const told = others.map(({ name, version, licence }) => `${name} ${version}: ${licence || 'states no licence'}`)
  assert.deepEqual(told, [], 'decide whether it may be used, then see tools/licences.ts')
})

test('an allowed licence is one that a package has', () => {
  const used = packages.flatMap(({ licence }) => licence.split(/ OR | AND |[()]/))
  for (const licence of allowedLicences) assert.ok(used.includes(licence), `${licence} is not needed`)
})

test('alternatives and sums', () => {
  for (const good of ['MIT', '(MIT OR GPL-3.0)', 'MIT AND Apache-2.0']) assert.ok(isAllowed(good), good)
  for (const bad of ['', 'GPL-3.0', 'MIT AND GPL-3.0', 'SEE LICENSE IN x', 'UNLICENSED'])
    assert.equal(isAllowed(bad), false, bad)
})
