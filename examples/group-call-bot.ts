/**
 * Calls several people at once, and tells who is in the call until it is over. It speaks to Graph by the newer SDK, whose
 * models say what a call is made of. Ctrl+C hangs up.
 *
 *     npm start -- --https
 *     NODE_EXTRA_CA_CERTS=data/ca.pem npx node examples/group-call-bot.ts --call <user id> --call <user id>
 */
import { parseArgs } from 'node:util'
import { HttpMethod, RequestInformation } from '@microsoft/kiota-abstractions'
import type { Call, Identity, IdentitySet } from '@microsoft/msgraph-sdk/models/index.js'
import { createCallFromDiscriminatorValue, serializeCall } from '@microsoft/msgraph-sdk/models/index.js'
import { Bot, botOptions, run, say } from './support/bot.ts'
import { callIdOf, callOf, canHear, nameOf, reasonOf, rosterOf, short } from './support/calling.ts'
import { signInWithSdk } from './support/sign-in.ts'

const ADELE = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1001'
const BAO = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1002'
const KOFI = '1a6f2c30-0b1d-4a52-8e7c-3f9d5b7a1010'

const { values } = parseArgs({
  options: {
    ...botOptions,
    call: { type: 'string', multiple: true, default: [ADELE, BAO, KOFI] },
  },
})

/** An identity set with one member. `user` is declared in the model, others are additional data. */
const identitySet = (member: 'user' | 'application', identity: Identity): IdentitySet => ({
  odataType: '#microsoft.graph.identitySet',
  [member]: { odataType: '#microsoft.graph.identity', ...identity },
})

function groupCall(bot: Bot): Call {
  return {
    odataType: '#microsoft.graph.call',
    callbackUri: bot.callbackUri,
    direction: 'outgoing',
    source: {
      odataType: '#microsoft.graph.participantInfo',
      identity: identitySet('application', { id: bot.clientId, displayName: 'Group Call Bot' }),
    },
    targets: values.call.map((id) => ({
      odataType: '#microsoft.graph.invitationParticipantInfo',
      identity: identitySet('user', { id }),
    })),
    requestedModalities: ['audio'],
    mediaConfig: { odataType: '#microsoft.graph.serviceHostedMediaConfig' },
    tenantId: values.tenant,
  }
}

run(async () => {
  const bot = new Bot(values)
  const sdk = signInWithSdk(bot.registration)
  await bot.start(async (notification) => {
    const call = callOf(notification)
    const id = short(callIdOf(notification))
    if (call?.state === 'terminated') {
      say(`call ${id} is over: ${reasonOf(call.resultInfo)}`)
      bot.finish()
    } else if (call) {
      say(`call ${id} is ${call.state}${canHear(call) ? ', with sound' : ''}`)
    }
    const roster = rosterOf(notification)
    if (roster) say(`in call ${id}: ${roster.map(({ info }) => nameOf(info)).join(', ')}`)
  })

  say(`calling ${values.call.length} people`)
  const creation = new RequestInformation(HttpMethod.POST, `${sdk.baseUrl}/communications/calls`)
  creation.headers.add('Accept', 'application/json')
  creation.setContentFromParsable(sdk, 'application/json', groupCall(bot), serializeCall)
  await sdk.send<Call>(creation, createCallFromDiscriminatorValue, undefined)
  await bot.done()
})
