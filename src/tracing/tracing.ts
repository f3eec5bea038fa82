/**
 * OpenTelemetry traces of requests, commits and notifications, off unless an endpoint is configured. What makes them is
 * loaded only then, and stands between parts that know nothing of it.
 */
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { Tracing } from './traced.ts'

const off: Tracing = {
  observe: () => undefined,
  store: (store) => store,
  poster: (poster) => poster,
  close: () => Promise.resolve(),
}

/** Starts tracing, if it is wanted. */
export async function openTracing(config: Config, log: Logger): Promise<Tracing> {
  if (config.otlpEndpoint === undefined) return off
  const { Spans } = await import('./spans.ts')
  return new Spans(config.otlpEndpoint, config.traceShare, log)
}
