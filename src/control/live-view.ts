/** The answer of `GET /control/live`, in a file of types alone: the console's page reads it, too. */
import type { EngineHealth } from '../media/engine.ts'

/** How far a live conversation is: as the application's call that is furthest, in Graph's words. */
export type LiveState = 'incoming' | 'establishing' | 'redirecting' | 'established' | 'transferring'

/** What live conversations can be asked for by: how far they are, or that there is somebody who rings, waits or is on hold. */
export type LiveFilter = LiveState | 'ringing' | 'lobby' | 'onHold'

/** How many people a conversation has, applications apart. */
export interface LivePeople {
  /** Being rung, or answered and not connected yet. */
  readonly ringing: number
  /** Have rung an application, and wait for its answer. */
  readonly calling: number
  readonly lobby: number
  /** Wait for a recorder that they need first. */
  readonly held: number
  /** On hold or not. */
  readonly connected: number
  /** Of those who are connected. */
  readonly onHold: number
}

/** The call of one application. */
export interface LiveCall {
  readonly id: string
  readonly appId: string
  readonly displayName?: string
  readonly direction: 'incoming' | 'outgoing'
  /** Graph's, or `transferAccepted` and so on, as `GET /control/calls` has it. */
  readonly state: string
}

/** One live conversation, in short. */
export interface LiveConversation {
  readonly id: string
  readonly tenant: { readonly id: string; readonly name?: string }
  readonly mode: 'peerToPeer' | 'group' | 'meeting'
  readonly subject?: string
  readonly createdAt: string
  readonly state: LiveState
  /** The live calls of applications, the first ten. */
  readonly calls: readonly LiveCall[]
  readonly moreCalls: number
  readonly people: LivePeople
  /** What the first six of the people are called. */
  readonly names: readonly string[]
  /** What is in use; before anybody is connected, what was asked for. */
  readonly modalities: readonly string[]
  /** Whether somebody's words are recorded: all of it, or by an application that says so. */
  readonly recording: boolean
}

/** Everything that the live view shows, at one moment. */
export interface LiveView {
  readonly clock: { readonly kind: 'real' | 'virtual'; readonly now: string }
  readonly sound: EngineHealth
  /** Conversations that are live. */
  readonly live: number
  /** How many of them each filter finds. */
  readonly counts: Readonly<Record<LiveFilter, number>>
  /** How many fit what was asked for; `value` has the newest of them. */
  readonly matching: number
  readonly value: readonly LiveConversation[]
}
