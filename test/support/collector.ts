/** A collector of OpenTelemetry traces for tests: takes OTLP over HTTP as JSON. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** A span as it arrived. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly failed: boolean
  readonly attributes: Readonly<Record<string, unknown>>
}

interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<Span, 'attributes' | 'failed'> & {
        readonly attributes: readonly Attribute[]
        readonly status: { readonly code: number }
      })[]
    }[]
  }[]
}

interface Attribute {
  readonly key: string
  readonly value: {
    readonly stringValue?: string
    readonly intValue?: number
    readonly arrayValue?: { readonly values: readonly Attribute['value'][] }
  }
}

export interface Collector {
  readonly url: string
  /** Everything that arrived so far. */
  readonly spans: readonly Span[]
  /** The bytes of it. */
  readonly bodies: readonly string[]
  /** Of the sender. */
  readonly service: () => unknown
}

/** Starts a collector; it ends with the test. */
export async function startCollector(t: TestContext, status = 200): Promise<Collector> {
  const spans: Span[] = []
  const bodies: string[] = []
  let service: unknown
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      bodies.push(body)
      for (const { resource, scopeSpans } of (JSON.parse(body) as Sent).resourceSpans) {
        service = valuesOf(resource.attributes)['service.name']
        for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
          spans.push({ ...span, failed: span.status.code === 2, attributes: valuesOf(span.attributes) })
        }
      }
      response.writeHead(request.url === '/v1/traces' ? status : 404, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, spans, bodies, service: () => service }
}

function valuesOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)]))
}

function valueOf({ stringValue, intValue, arrayValue }: Attribute['value']): unknown {
  return stringValue ?? intValue ?? arrayValue?.values.map(valueOf)
}
