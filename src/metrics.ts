/** What operators watch: counters and gauges for Prometheus. */
import type { FastifyInstance } from 'fastify'
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import type { EngineHealth } from './media/engine.ts'
import type { Attempt } from './store/store.ts'

/** Where the gauges are read from. */
export interface MetricSources {
  readonly liveConversations: () => number
  readonly liveCalls: () => number
  readonly waitingNotifications: () => number
  readonly sound: () => EngineHealth
  /** Whether to tell of the process too: memory, event loop, garbage collection. */
  readonly process: boolean
}

/** Metrics of one server. */
export interface Metrics {
  readonly registry: Registry
  /** Counts the requests of an application. */
  observe(app: FastifyInstance): void
  /** Counts one try at a webhook. */
  attempt(attempt: Attempt): void
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15]

/** Makes the metrics. */
export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry()
  const registers = [registry]
  if (sources.process) collectDefaultMetrics({ register: registry })
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({
      name,
      help,
      registers,
      collect: () => {
        made.set(read())
      },
    })
  }
  gauge('rollcall_live_conversations', 'Conversations that have not ended', sources.liveConversations)
  gauge('rollcall_live_calls', 'Calls of applications that have not ended', sources.liveCalls)
  gauge(
    'rollcall_waiting_notifications',
    'Notifications in memory that were not yet taken',
    sources.waitingNotifications,
  )

  soundGauges(registry, sources.sound)

  const requests = new Counter({
    name: 'rollcall_requests_total',
    help: 'Requests answered, by published operation and status',
    labelNames: ['operation', 'status'],
    registers,
  })
  const requestSeconds = new Histogram({
    name: 'rollcall_request_duration_seconds',
    help: 'Time from a request to its answer',
    labelNames: ['operation'],
    buckets: SECONDS,
    registers,
  })
  const attempts = new Counter({
    name: 'rollcall_delivery_attempts_total',
    help: 'Tries at delivering a notification, by outcome',
    labelNames: ['outcome'],
    registers,
  })
  const attemptSeconds = new Histogram({
    name: 'rollcall_delivery_attempt_duration_seconds',
    help: "Time from a notification's request to the bot's answer",
    buckets: SECONDS,
    registers,
  })
  return {
    registry,
    observe(app) {
      app.addHook('onResponse', (request, reply, done) => {
        const operation = request.note.operation ?? 'other'
        requests.inc({ operation, status: String(reply.statusCode) })
        requestSeconds.observe({ operation }, request.elapsed() / 1000)
        done()
      })
    },
    attempt(attempt) {
      attempts.inc({ outcome: attempt.error === undefined ? 'delivered' : 'failed' })
      attemptSeconds.observe(attempt.latency / 1000)
    },
  }
}

/** What of the engine's health is watched, each as a gauge. */
const SOUND: readonly (readonly [name: string, help: string, read: (health: EngineHealth) => number])[] = [
  ['running', 'Whether the process that mixes runs: it is started when it is first needed', (one) => +one.running],
  ['breakdowns', 'How often that process broke down', (one) => one.restarts],
  ['legs', 'Browsers and applications whose sound is carried', (one) => one.legs],
  ['capacity_left', 'How many more of them are taken', (one) => one.capacityLeft],
  ['refused', 'How often somebody was turned away because no more are taken', (one) => one.refused],
  ['leg_load', 'Share of a processor core that one more of them is counted with', (one) => one.costOfLeg],
  ['rooms', 'Conversations that are mixed', (one) => one.rooms],
  ['load', 'Share of a processor core that mixing uses', (one) => one.load],
  ['cores', 'Processor cores that all of sound uses, encryption and network included', (one) => one.cores],
  ['late_ticks', 'Frames that were mixed more than 10 ms late', (one) => one.lateTicks],
  ['worst_late_seconds', 'The latest frame of the last second', (one) => one.worstLate / 1000],
  ['pictures_sent', 'Cameras and screens that are sent here', (one) => one.pictures.sent],
  ['pictures_seen', 'Places in which one of them is seen', (one) => one.pictures.seen],
  ['picture_packets', 'Packets of them in a second, both ways', (one) => one.pictures.packets],
  ['dropped', 'Messages to that process that were left out because it did not keep up', (one) => one.dropped],
]

function soundGauges(registry: Registry, health: () => EngineHealth): void {
  for (const [name, help, read] of SOUND) {
    const made: Gauge = new Gauge({
      name: `rollcall_media_${name}`,
      help,
      registers: [registry],
      collect: () => {
        made.set(read(health()))
      },
    })
  }
  const cost: Gauge = new Gauge({
    name: 'rollcall_media_cost_seconds',
    help: 'What one frame takes to decode, encode or mix, and one packet to pass',
    labelNames: ['work'],
    registers: [registry],
    collect: () => {
      for (const [work, microseconds] of Object.entries(health().cost)) cost.set({ work }, microseconds / 1e6)
    },
  })
}
