/** The pages that people see while they sign in: plain HTML, readable and usable with a keyboard, without scripts. */
import { createHash } from 'node:crypto'
import type { User } from '../../directory/directory.ts'

/** People of one organisation. */
export interface Group {
  readonly name: string
  readonly users: readonly User[]
}

/** What the page with people to choose from shows. */
export interface Choice {
  /** Where the choice, and the word that is looked for, go. */
  readonly action: string
  readonly groups: readonly Group[]
  readonly looked: string
  /** How many more there are than are shown. */
  readonly more: number
  /** Whether there are so many that one has to look for them. */
  readonly many: boolean
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1a19; --soft: #605e5c; --ground: #faf9f8; --card: #fff; --line: #d2d0ce; --accent: #187995 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f3f2f1; --soft: #c8c6c4; --ground: #1f1f1f; --card: #292929; --line: #484644; --accent: #70bad3 }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', sans-serif }
main { max-width: 40rem; margin: 0 auto; padding: 2.5rem 1rem }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .5rem }
h2 { font-size: 1rem; margin: 2rem 0 .5rem; color: var(--soft); font-weight: 600 }
p { margin: 0 0 1rem; color: var(--soft) }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .5rem; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)) }
button, input { font: inherit; color: inherit }
.person { width: 100%; display: flex; gap: .75rem; align-items: center; text-align: left; padding: .625rem .75rem;
  background: var(--card); border: 1px solid var(--line); border-radius: .5rem; cursor: pointer }
.person:hover { border-color: var(--accent) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
.badge { flex: none; width: 2.5rem; height: 2.5rem; border-radius: 50%; background: var(--accent); color: var(--card);
  display: grid; place-items: center; font-weight: 600 }
.name { display: block; overflow-wrap: anywhere }
.address { display: block; color: var(--soft); font-size: .875rem; overflow-wrap: anywhere }
.look { display: flex; gap: .5rem; margin: 1rem 0 0 }
.look input { flex: 1; min-width: 0; padding: .5rem .75rem; background: var(--card); border: 1px solid var(--soft); border-radius: .5rem }
.look button { padding: .5rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; cursor: pointer }
`

/** What browsers may do with these pages: nothing but show them and send their forms back here. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`

/** Shows people to choose from. */
export function choicePage({ action, groups, looked, more, many }: Choice): string {
  const found = groups.some(({ users }) => users.length > 0)
  return page(
    'Sign in to Rollcall',
    `<h1>Who are you?</h1>
<p>This server signs people in without passwords, for development. Choose who you want to be.</p>
${many ? lookFor(action, looked) : ''}
${groups.map((group) => showGroup(group, action)).join('\n')}
${found ? '' : '<p role="status">Nobody in the directory is called that.</p>'}
${more > 0 ? `<p role="status">${more} more: look for their name.</p>` : ''}`,
  )
}

/** Says what went wrong, in a sentence. */
export function problemPage(problem: string): string {
  return page(
    'Signing in did not work',
    `<h1>Signing in did not work</h1><p>${escaped(problem)}</p><p>Go back to the page that you came from, and try again.</p>`,
  )
}

function lookFor(action: string, looked: string): string {
  return `<form class="look" method="get" action="${escaped(action)}" role="search">
<input type="search" name="look" value="${escaped(looked)}" aria-label="Name or address" placeholder="Name or address">
<button>Look</button></form>`
}

function showGroup({ name, users }: Group, action: string): string {
  if (users.length === 0) return ''
  return `<section aria-label="${escaped(name)}"><h2>${escaped(name)}</h2>
<form method="post" action="${escaped(action)}"><ul>
${users.map(showUser).join('\n')}
</ul></form></section>`
}

function showUser({ id, displayName, userPrincipalName }: User): string {
  return `<li><button class="person" name="person" value="${escaped(id)}">
<span class="badge" aria-hidden="true">${escaped(initials(displayName))}</span>
<span><span class="name">${escaped(displayName)}</span><span class="address">${escaped(userPrincipalName)}</span></span>
</button></li>`
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word))
  return words
    .slice(0, 2)
    .map((word) => /^./u.exec(word)?.[0].toUpperCase() ?? '')
    .join('')
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>
<style>${STYLE}</style></head>
<body><main>${body}</main></body>
</html>
`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => ENTITIES[letter] ?? '')
}
