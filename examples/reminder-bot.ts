/**
 * Rings somebody, plays them a reminder, and hangs up once they have heard it. Ctrl+C hangs up earlier.
 *
 *     npm start -- --https
 *     NODE_EXTRA_CA_CERTS=data/ca.pem npx node examples/reminder-bot.ts --call <user id, or a phone's number>
 */
import { parseArgs } from 'node:util'
import { Bot, botOptions, run, say } from './support/bot.ts'
import { callOf, canHear, operationOf, pathOf, promptOf, reasonOf, target } from './support/calling.ts'
import { melody } from './support/wav.ts'

const ADELE = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1001'
const { values } = parseArgs({ options: { ...botOptions, call: { type: 'string', default: ADELE } } })

run(async () => {
  const bot = new Bot(values)
  let played = false

  await bot.start(async (notification) => {
    const call = callOf(notification)
    if (call?.state === 'terminated') {
      say(`the call is over: ${reasonOf(call.resultInfo)}`)
      return bot.finish()
    }
    // More than one notification says that they can be spoken to.
    if (call && canHear(call) && !played) {
      played = true
      say('they have answered, and hear the reminder')
      await bot.graph.api(`${pathOf(call.id)}/playPrompt`).post(promptOf(reminder, call.id))
    }
    const operation = operationOf(notification)
    if (operation) {
      say(`the reminder: ${operation.status}, ${reasonOf(operation.resultInfo)}`)
      await bot.hangUp(operation.clientContext ?? '')
    }
  })

  const reminder = bot.offer('reminder.wav', melody([660, 0.5], [880, 0.5], [660, 1]))
  say(`calling ${values.call}`)
  const { state } = await bot.create({ targets: [target(values.call)], tenantId: values.tenant })
  say(`Graph has made the call: it is ${state}`)
  await bot.done()
})
