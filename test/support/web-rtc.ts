/** WebRTC for peers of tests. Its threads would outlive them: they are ended once, after the last test of a file. */
import { after } from 'node:test'
import nodeDataChannel from 'node-datachannel'

after(() => nodeDataChannel.cleanup())

export { nodeDataChannel }
