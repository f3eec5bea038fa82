/**
 * A bot that handles its sound itself: it answers a call, hears the caller sample by sample through a WebSocket, and when
 * they have said something it answers with two notes, which it makes as it sends them. Ctrl+C hangs up.
 *
 *     npm start -- --https
 *     NODE_EXTRA_CA_CERTS=data/ca.pem npx node examples/voice-bot.ts
 *
 * In a third shell, somebody calls the bot, and speaks for three seconds:
 *
 *     curl --cacert data/ca.pem https://localhost:8080/control/calls -H 'content-type: application/json' \
 *       -d '{"from":"adele@contoso.example","to":"+12065550100"}'
 *     curl --cacert data/ca.pem https://localhost:8080/control/calls/<callId>/participants/<participantId>/say \
 *       -H 'content-type: application/json' -d '{"say":"3s"}'
 */
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { WebSocket } from 'ws'
import { Bot, botOptions, run, say } from './support/bot.ts'
import { callIdOf, callOf, isIncoming, nameOf, pathOf, reasonOf, short } from './support/calling.ts'
import { melody } from './support/wav.ts'

const { values } = parseArgs({ options: botOptions })

/** A message has its moment, then the samples. */
const HEAD = 8
/** Whoever is quieter than this, of 32,768, says nothing. */
const QUIET = 300
/** After so many milliseconds without a sound the caller has finished. */
const PAUSE = 700
/** What the bot answers: the samples of a WAV file. */
const answer = melody([660, 0.4], [880, 0.6]).subarray(44)

/** Opens the socket of a call, and answers whatever is said there. */
function converse(id: string, secret: string): WebSocket {
  const url = `${values.url.replace(/^http/, 'ws')}/media/calls/${id}`
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${secret}` } })
  let pause: NodeJS.Timeout | undefined
  socket.on('open', () => say(`call ${short(id)}: the sound is connected`))
  socket.on('message', (message: Buffer) => {
    if (!isLoud(message)) return
    if (!pause) say(`call ${short(id)}: somebody speaks`)
    clearTimeout(pause)
    pause = setTimeout(() => {
      pause = undefined
      say(`call ${short(id)}: answering`)
      socket.send(answer)
    }, PAUSE)
  })
  socket.on('error', ({ message }) => say(`call ${short(id)}: no sound: ${message}`))
  socket.on('close', () => clearTimeout(pause))
  return socket
}

function isLoud(message: Buffer): boolean {
  for (let at = HEAD; at + 2 <= message.length; at += 2) if (Math.abs(message.readInt16LE(at)) > QUIET) return true
  return false
}

run(async () => {
  const bot = new Bot(values)
  await bot.start(async (notification) => {
    const id = callIdOf(notification)
    const call = callOf(notification)
    if (call && isIncoming(notification)) {
      say(`call ${short(id)} from ${call.source ? nameOf(call.source) : 'somebody'}`)
      const secret = randomBytes(24).toString('base64url')
      await bot.graph.api(`${pathOf(id)}/answer`).post({
        callbackUri: bot.callbackUri,
        acceptedModalities: ['audio'],
        mediaConfig: {
          '@odata.type': '#microsoft.graph.appHostedMediaConfig',
          blob: JSON.stringify({ rollcall: 'websocket', hears: 'mix', secret }),
        },
      })
      converse(id, secret)
    } else if (call?.state === 'established') {
      say(`call ${short(id)} is established`)
    } else if (call?.state === 'terminated') {
      say(`call ${short(id)} is over: ${reasonOf(call.resultInfo)}`)
    }
  })
  say('waiting for calls')
  await bot.done()
})
