import type { CallEffect, Endpoint } from '../endpoint.ts'

/**
 * An application's own side of its call. Its signalling is the Graph API and its webhook; what is left to connect is
 * media. This version carries no sound: nothing has to be negotiated, so the application's side is up as soon as it
 * answered or joined.
 */
export const botEndpoint: Endpoint<CallEffect> = {
  perform(_conversationId, effect, report) {
    report({ type: 'CallConnected', callId: effect.callId })
  },
  stop() {},
}
