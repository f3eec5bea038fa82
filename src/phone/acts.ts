/** What pages ask for, carried out: requests in, commands and connections out. */
import type { ArrivalParts, Person } from '../arrivals/caller.ts'
import { namesApplication, personCalls, personCallsPerson, personOf, withTokens } from '../arrivals/caller.ts'
import { entryOf, whereTo } from '../arrivals/visitor.ts'
import type { Command } from '../calls/commands.ts'
import type { CallError } from '../calls/errors.ts'
import type { BrowserEndpoint } from '../endpoints/browser/browser.ts'
import type { Line } from '../endpoints/browser/line.ts'
import { deviceOf } from '../endpoints/browser/line.ts'
import type { Done, PageRequest } from '../endpoints/browser/protocol.ts'
import { mayAdmit } from '../endpoints/browser/view.ts'
import type { HttpError } from '../http/http-error.ts'
import type { Switchboard, SwitchboardError } from '../switchboard/switchboard.ts'
import { lookFor } from './contacts.ts'
import type { Visitor } from './person.ts'
import { RequestRefused } from './refused.ts'

/** What requests are carried out with. */
export interface ActParts extends ArrivalParts {
  readonly switchboard: Switchboard
  readonly browser: BrowserEndpoint
  /** What the core or the switchboard refused, in words. */
  readonly refused: (error: CallError | SwitchboardError) => HttpError
  /** Calls that one person may be in. */
  readonly calls: number
  /** Whether pictures are carried. */
  readonly video: boolean
}

/** Who asks, from which page. */
export interface Asker {
  readonly page: string
  readonly visitor: Visitor
  readonly requestId: string
}

/** What a request came to. */
export type Outcome = Pick<Done, 'callId' | 'answer' | 'found'>

type RequestOf<Type extends PageRequest['type']> = Extract<PageRequest, { type: Type }>

/** Carries requests out. */
export class Acts {
  readonly #parts: ActParts

  constructor(parts: ActParts) {
    this.#parts = parts
  }

  /** @throws RequestRefused, HttpError, MediaError, LineLost */
  async perform(asker: Asker, request: PageRequest): Promise<Outcome> {
    switch (request.type) {
      case 'call':
        return this.#call(asker, request)
      case 'join':
        return this.#join(asker, request)
      case 'find':
        return { found: lookFor(this.#parts.directory.current(), userOf(asker), request.text) }
      default:
        return this.#inCall(asker, request, this.#lineOf(asker, request.callId))
    }
  }

  /** A page is closed for good: what it has is left. */
  leaveAll(page: string, { identity }: Visitor): void {
    const { browser } = this.#parts
    for (const line of browser.linesOf(identity.id)) {
      if (line.page === page && line.phase !== 'ended') browser.hangUp(line)
    }
  }

  async #inCall(
    asker: Asker,
    request: Exclude<PageRequest, { type: 'call' | 'join' | 'find' }>,
    line: Line,
  ): Promise<Outcome> {
    const { browser } = this.#parts
    switch (request.type) {
      case 'answer':
        return this.#answer(asker, request, line)
      case 'rejoin':
        if (line.phase === 'ringing') return this.#answer(asker, request, line)
        return { callId: line.callId, answer: await browser.rejoin(line, asker.page, request.offer) }
      case 'offer':
        checkHere(asker, line)
        return { answer: await browser.renegotiate(line, request.offer) }
      case 'decline':
        if (line.phase !== 'ringing') throw notRinging()
        browser.decline(line)
        return {}
      case 'hangUp':
        if (line.phase === 'ringing') browser.decline(line)
        else browser.hangUp(line)
        return {}
      case 'tone':
        checkHere(asker, line)
        browser.press(line, request.tone)
        return {}
      case 'watch':
        this.#checkVideo()
        checkHere(asker, line)
        browser.watch(line, { cameras: request.cameras, screen: request.screen })
        return {}
      default:
        await this.#submit(asker, line, this.#commandOf(request, line))
        return {}
    }
  }

  /** The first page to answer has the call. */
  async #answer({ page }: Asker, { offer }: { readonly offer: string }, line: Line): Promise<Outcome> {
    if (line.phase !== 'ringing') throw notRinging()
    return { callId: line.callId, answer: await this.#parts.browser.answer(line, page, offer) }
  }

  #commandOf(
    request: RequestOf<'mute' | 'hold' | 'admit' | 'turnAway' | 'share' | 'camera'>,
    { place: { participantId, conversationId } }: Line,
  ): Command {
    const { ids, switchboard } = this.#parts
    switch (request.type) {
      case 'mute':
        return { type: 'PersonMutes', participantId, muted: request.muted }
      case 'hold':
        return { type: 'PersonHolds', participantId, away: request.held }
      case 'camera':
        this.#checkVideo()
        return { type: 'PersonShowsCamera', participantId, shown: request.on }
      case 'share': {
        if (!request.sharing) return { type: 'PersonStopsSharing', participantId }
        const sessionId = `${ids.guid()}${ids.guid()}`.replaceAll('-', '')
        return { type: 'PersonShares', participantId, sessionId }
      }
      default: {
        const { participants = [] } = switchboard.peek(conversationId) ?? {}
        const me = participants.find(({ id }) => id === participantId)
        if (!me || !mayAdmit(me)) {
          throw new RequestRefused('notAllowed', 'Only organizers and presenters decide who comes in from the lobby.')
        }
        if (request.type === 'turnAway') return { type: 'TurnAway', participantId: request.participantId }
        if (request.participantId === undefined) return { type: 'AdmitAll' }
        return { type: 'Admit', participantId: request.participantId }
      }
    }
  }

  /** Calls an application, somebody of the tenant or a phone. */
  async #call(asker: Asker, { target, offer }: RequestOf<'call'>): Promise<Outcome> {
    const user = userOf(asker)
    this.#checkRoom(asker)
    const command = namesApplication(this.#parts, target)
      ? await personCalls(this.#parts, user.id, target)
      : await personCallsPerson(this.#parts, user.id, target)
    const { conversationId, caller } = command
    const { participantId } = caller
    const address = { ...caller.address, device: deviceOf({ callId: participantId, page: asker.page }) }
    const place = { conversationId, participantId }
    const other = command.target.identity
    const beginning = { callId: participantId, address, page: asker.page, place, other }
    const { line, answer } = await this.#parts.browser.begin(beginning, offer)
    const from = { ...caller, address }
    void this.#arrive(asker, line, { ...command, caller: from }, 'calling').catch(() => undefined)
    return { callId: participantId, answer }
  }

  /** Joins a meeting, as soon as the sound is connected: nobody is on the roster before. */
  async #join(asker: Asker, { meeting, passcode, offer }: RequestOf<'join'>): Promise<Outcome> {
    this.#checkRoom(asker)
    const { ids, meetings } = this.#parts
    const { place, tenantId, subject } = whereTo(this.#parts, { meeting, passcode })
    const { conversationId, chatInfo } = place
    const { visitor } = asker
    // Who is not of the tenant comes into what is known to be a meeting, past its lobby.
    if (visitor.tenantId !== tenantId && !meetings.ofThread(chatInfo.threadId)) {
      throw new RequestRefused('meetingNotFound', 'There is no such meeting here.')
    }
    const participantId = ids.guid()
    const person = await withTokens(this.#parts, this.#personAt(visitor, tenantId), { conversationId, tenantId })
    const entry = entryOf(this.#parts, chatInfo, person.identity, undefined)
    const address = { ...person.address, device: deviceOf({ callId: participantId, page: asker.page }) }
    const { line, answer } = await this.#parts.browser.begin(
      { callId: participantId, address, page: asker.page, place: { conversationId, participantId } },
      offer,
    )
    const command: Command = {
      type: 'PersonJoins',
      participantId,
      ...person,
      address,
      ...entry,
      meeting: { ...place, tenantId, callChainId: ids.guid(), ...(subject !== undefined && { subject }) },
    }
    this.#parts.browser.whenUp(line, () => {
      void this.#arrive(asker, line, command, 'up').catch(() => undefined)
    })
    return { callId: participantId, answer }
  }

  /** Tells the conversation that somebody comes; if it will not have them, their leg ends and says why. */
  async #arrive(asker: Asker, line: Line, command: Command, phase: 'calling' | 'up'): Promise<void> {
    const { browser, switchboard } = this.#parts
    const { conversationId } = line.place
    try {
      await this.#submit(asker, line, command)
      browser.begun(line, phase, (report) => switchboard.report(line.place.conversationId, report))
    } catch (error) {
      const detail = error instanceof Error && 'explanation' in error ? String(error.explanation) : String(error)
      browser.fail(line, { name: 'callee-not-routable', detail: detail.replace(/\.$/, '') })
      throw new Error(`nobody came into ${conversationId}`, { cause: error })
    }
  }

  async #submit({ requestId }: Asker, { place }: Line, command: Command): Promise<void> {
    const result = await this.#parts.switchboard.submit(place.conversationId, command, { requestId })
    if (!result.ok) throw this.#parts.refused(result.error)
  }

  #checkVideo(): void {
    if (!this.#parts.video) throw new RequestRefused('noVideo', 'This server carries no pictures (option mediaVideo).')
  }

  #personAt({ identity }: Visitor, tenantId: string): Person {
    if (identity.kind === 'guest') return { identity, address: { kind: 'user', id: identity.id, tenantId } }
    return personOf(this.#parts, identity.id, identity.tenantId ?? tenantId)
  }

  #lineOf({ visitor }: Asker, callId: string): Line {
    const line = this.#parts.browser.line(visitor.identity.id, callId)
    if (!line) throw new RequestRefused('callNotFound', 'There is no such call, or it is over.')
    return line
  }

  #checkRoom({ visitor }: Asker): void {
    const { browser, calls } = this.#parts
    const lines = browser.linesOf(visitor.identity.id).filter(({ phase }) => phase !== 'ringing' && phase !== 'ended')
    if (lines.length >= calls) {
      throw new RequestRefused(
        'tooManyCalls',
        `You are in ${calls} calls already, and no more are taken (option phoneCalls).`,
      )
    }
  }
}

function userOf({ visitor }: Asker): Visitor['identity'] {
  if (visitor.identity.kind === 'user') return visitor.identity
  throw new RequestRefused('notAllowed', 'Guests join meetings by their link; to call somebody, sign in.')
}

function checkHere({ page }: Asker, line: Line): void {
  if (line.page !== page)
    throw new RequestRefused('elsewhere', 'The sound of this call is at another page; rejoin to have it here.')
}

function notRinging(): RequestRefused {
  return new RequestRefused('notRinging', 'The call does not ring any more: perhaps another page has answered.')
}
