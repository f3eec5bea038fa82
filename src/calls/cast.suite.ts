/** Who and what there is in the world of the property tests. */
import type { Person } from './scene.suite.ts'
import { phone, user } from './scene.suite.ts'

export const PEOPLE: readonly Person[] = [
  ...['ann', 'bob', 'cyd', 'dan'].map(user),
  phone('desk', '+4930123456'),
  phone('mobile', '+49170123456'),
]
export const APPS = ['a', 'b', 'c']
/** The one conversation that is a meeting. */
export const MEETING = 'meeting'
