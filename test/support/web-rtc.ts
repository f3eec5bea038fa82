/** WebRTC for peers of tests. Its threads would outlive them: they are ended once, after the last test of a file. */
import { after } from 'node:test'
import nodeDataChannel from 'node-datachannel'
import type { PeerConnection } from 'node-datachannel'

after(() => nodeDataChannel.cleanup())

export { nodeDataChannel }

/** The complete offer of a connection. */
export function offerOf(connection: PeerConnection): Promise<string> {
  return new Promise((resolve) => {
    connection.onGatheringStateChange((state) => {
      if (state === 'complete') resolve(connection.localDescription()?.sdp ?? '')
    })
    connection.setLocalDescription('offer')
  })
}
