/** Hands out the pages that `tools/build-pages.ts` has bundled: under a strict policy, and with nothing of other hosts. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/** One page: a folder of `web/built/`, served at `/<name>/`. */
export interface Page {
  readonly name: string
  /** What its title is to be where it cannot be shown. */
  readonly title: string
  /** Origins beside the server's own that it may speak to, such as that of an outside OpenID Connect provider. */
  readonly connects: readonly string[]
  /** Whether it may ask for the microphone, the camera and the screen. */
  readonly devices: boolean
}

/** Where the bundles are. */
const BUILT = join(import.meta.dirname, '../../web/built')

/** The SHA-256 of nothing: Fluent makes empty `<style>` elements and fills them by script. */
const EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"

const DEVICES = ['microphone', 'camera', 'display-capture']

/** The policy of a page: everything from here, no script or style in the page itself, no frames either way. */
function policyOf({ connects }: Page): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' ${EMPTY_STYLE}`,
    "img-src 'self' data:",
    "media-src 'self' blob: data:",
    ["connect-src 'self'", ...connects].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ')
}

/** What every file of a page is answered with. */
function headersOf(page: Page): Readonly<Record<string, string>> {
  return {
    'content-security-policy': policyOf(page),
    'permissions-policy': [
      ...DEVICES.map((name) => `${name}=${page.devices ? '(self)' : '()'}`),
      'geolocation=()',
    ].join(', '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
  }
}

/**
 * Registers a page: `/<name>/` is its document, always asked for anew; its files have their content in their names, and
 * are kept for a year.
 * @param built where the bundles are
 */
export function registerPage(app: FastifyInstance, page: Page, built = BUILT): void {
  const folder = join(built, page.name)
  const headers = headersOf(page)
  const isBuilt = existsSync(join(folder, 'index.html'))
  void app.register(async (pages) => {
    pages.addHook('onRequest', (_request, reply, done) => {
      void reply.headers(headers)
      done()
    })
    if (isBuilt) {
      await pages.register(fastifyStatic, {
        root: join(folder, 'assets'),
        prefix: `/${page.name}/assets/`,
        preCompressed: true,
        index: false,
        immutable: true,
        maxAge: '365d',
      })
    }
    pages.get(`/${page.name}`, (request, reply) => {
      // Its files are found beside it, whatever stands before its name, so it needs its slash.
      const [path = ''] = request.originalUrl.split('?')
      if (!path.endsWith('/')) return reply.redirect(`${page.name}/${request.originalUrl.slice(path.length)}`, 308)
      void reply.header('cache-control', 'no-cache')
      if (isBuilt) return reply.sendFile('index.html', folder, { cacheControl: false })
      return reply.code(503).type('text/html; charset=utf-8').send(notBuilt(page))
    })
  })
}

function notBuilt({ title }: Page): string {
  return [
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>`,
    `<h1>${title}</h1>`,
    '<p>The pages are not built. Run <code>npm run pages</code>, and start the server again.</p></html>',
  ].join('\n')
}
