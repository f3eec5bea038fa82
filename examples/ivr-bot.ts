/**
 * Answers calls with a menu: key 1 passes the caller on to a colleague, every other key has the menu played again.
 * Ctrl+C hangs up.
 *
 *     npm start -- --https
 *     NODE_EXTRA_CA_CERTS=data/ca.pem npx node examples/ivr-bot.ts --colleague <user id>
 *
 * In a third shell, somebody calls the bot, and presses a key:
 *
 *     curl --cacert data/ca.pem https://localhost:8080/control/calls -H 'content-type: application/json' \
 *       -d '{"from":"adele@contoso.example","to":"+12065550100"}'
 *     curl --cacert data/ca.pem https://localhost:8080/control/calls/<callId>/participants/<participantId>/press \
 *       -H 'content-type: application/json' -d '{"keys":"1"}'
 */
import { parseArgs } from 'node:util'
import { Bot, botOptions, run, say } from './support/bot.ts'
import { answerOf, callIdOf, callOf, canHear, isIncoming, nameOf, operationOf, pathOf } from './support/calling.ts'
import { promptOf, reasonOf, short, target } from './support/calling.ts'
import { melody } from './support/wav.ts'

const KOFI = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1010'
const { values } = parseArgs({ options: { ...botOptions, colleague: { type: 'string', default: KOFI } } })

run(async () => {
  const bot = new Bot(values)
  /** The calls that the menu was played to, and those whose keys the bot hears. */
  const greeted = new Set<string>()
  const listening = new Set<string>()
  const play = (id: string): Promise<unknown> => bot.graph.api(`${pathOf(id)}/playPrompt`).post(promptOf(menu, id))

  await bot.start(async (notification) => {
    const id = callIdOf(notification)
    const call = callOf(notification)
    if (call && isIncoming(notification)) {
      say(`call ${short(id)} from ${call.source ? nameOf(call.source) : 'somebody'}`)
      await bot.graph.api(`${pathOf(id)}/answer`).post(answerOf(bot.callbackUri))
    } else if (call?.state === 'terminated') {
      say(`call ${short(id)} is over: ${reasonOf(call.resultInfo)}`)
      greeted.delete(id)
      listening.delete(id)
    } else if (call?.toneInfo) {
      const { tone } = call.toneInfo
      say(`call ${short(id)}: ${tone}`)
      if (tone === 'tone1') {
        await bot.graph
          .api(`${pathOf(id)}/transfer`)
          .post({ transferTarget: target(values.colleague), clientContext: id })
      } else {
        await play(id)
      }
    } else if (call && canHear(call)) {
      // The first time, they have just come. Later, a transfer has failed, and resultInfo says why.
      say(`call ${short(id)}: ${greeted.has(id) ? `nobody there, ${reasonOf(call.resultInfo)}` : 'here is the menu'}`)
      greeted.add(id)
      await play(id)
    }

    const operation = operationOf(notification)
    if (operation?.['@odata.type'] !== '#microsoft.graph.playPromptOperation') return
    say(`call ${short(id)}: the menu is ${operation.status}`)
    if (operation.status !== 'completed' || listening.has(id)) return
    listening.add(id)
    await bot.graph.api(`${pathOf(id)}/subscribeToTone`).post({ clientContext: id })
  })

  const menu = bot.offer('menu.wav', melody([523, 0.5], [659, 0.5], [784, 0.5]))
  say('waiting for calls')
  await bot.done()
})
