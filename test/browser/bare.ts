/** Pages without the phone, for tests that make a page's one connection (`peer`) themselves. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import type { Page } from 'playwright-core'

/** The address of an empty page. */
export async function blankPage(t: TestContext): Promise<string> {
  const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<body>'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** The page's offer, complete. @param options of `createOffer`, as the page has to write them */
export function offerOf(page: Page, options = '{}'): Promise<string> {
  return page.evaluate<string>(`(async () => {
    await peer.setLocalDescription(await peer.createOffer(${options}))
    if (peer.iceGatheringState !== 'complete') await new Promise((resolve) => {
      peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && resolve()
    })
    return peer.localDescription.sdp
  })()`)
}

export async function accept(page: Page, answer: string): Promise<void> {
  await page.evaluate(`peer.setRemoteDescription({ type: 'answer', sdp: ${JSON.stringify(answer)} })`)
}
