/**
 * An answering machine that lets you hear yourself: answers a call, records what the caller says after the beep, plays it
 * back to them, and hangs up. Ctrl+C hangs up earlier.
 *
 *     npm start -- --https
 *     NODE_EXTRA_CA_CERTS=data/ca.pem npx node examples/voice-recorder-bot.ts
 *
 * In a third shell, somebody calls the bot, and speaks for three seconds:
 *
 *     curl --cacert data/ca.pem https://localhost:8080/control/calls -H 'content-type: application/json' \
 *       -d '{"from":"adele@contoso.example","to":"+12065550100"}'
 *     curl --cacert data/ca.pem https://localhost:8080/control/calls/<callId>/participants/<participantId>/say \
 *       -H 'content-type: application/json' -d '{"say":"3s"}'
 */
import { parseArgs } from 'node:util'
import { Bot, botOptions, run, say } from './support/bot.ts'
import { answerOf, callIdOf, callOf, canHear, isIncoming, nameOf, operationOf, pathOf } from './support/calling.ts'
import { promptOf, reasonOf, short } from './support/calling.ts'
import type { Operation } from './support/calling.ts'
import { melody } from './support/wav.ts'

const { values } = parseArgs({ options: botOptions })

/** Fetches a recording, by the token that came with its address: the bot's own token is not for it. */
async function fetchRecording({ recordingLocation, recordingAccessToken }: Operation): Promise<Buffer> {
  const headers = { authorization: `Bearer ${recordingAccessToken}` }
  const response = await fetch(recordingLocation ?? '', { headers })
  if (!response.ok) throw new Error(`the recording cannot be fetched: ${response.status}`)
  return Buffer.from(await response.arrayBuffer())
}

run(async () => {
  const bot = new Bot(values)
  /** The calls that are recorded, or were. */
  const recorded = new Set<string>()

  await bot.start(async (notification) => {
    const id = callIdOf(notification)
    const call = callOf(notification)
    if (call && isIncoming(notification)) {
      say(`call ${short(id)} from ${call.source ? nameOf(call.source) : 'somebody'}`)
      await bot.graph.api(`${pathOf(id)}/answer`).post(answerOf(bot.callbackUri))
    } else if (call?.state === 'terminated') {
      say(`call ${short(id)} is over: ${reasonOf(call.resultInfo)}`)
      recorded.delete(id)
    } else if (call && canHear(call) && !recorded.has(id)) {
      recorded.add(id)
      say(`call ${short(id)}: speak after the beep`)
      await bot.graph.api(`${pathOf(id)}/recordResponse`).post({
        ...promptOf(greeting, id),
        bargeInAllowed: true,
        playBeep: true,
        initialSilenceTimeoutInSeconds: 5,
        maxSilenceTimeoutInSeconds: 2,
        maxRecordDurationInSeconds: 60,
        stopTones: ['#'],
      })
    }

    const operation = operationOf(notification)
    if (!operation) return
    const outcome = `${operation.status}, ${reasonOf(operation.resultInfo)}`
    if (operation['@odata.type'] === '#microsoft.graph.recordOperation' && operation.status === 'completed') {
      const recording = await fetchRecording(operation)
      say(`call ${short(id)}: the recording is ${outcome} It has ${recording.length} bytes`)
      const uri = bot.offer(`${operation.id}.wav`, recording)
      await bot.graph.api(`${pathOf(id)}/playPrompt`).post(promptOf(uri, id))
    } else {
      say(`call ${short(id)}: ${outcome}`)
      await bot.hangUp(id)
    }
  })

  const greeting = bot.offer('greeting.wav', melody([440, 1]))
  say('waiting for calls')
  await bot.done()
})
