/** What the browser films: the camera, and screens that the person chooses. */
import type { Capture } from './pictures.ts'
import type { KeptSettings } from './settings.ts'
import { SharedStream } from './shared-stream.ts'

/** The camera; its light is out while nobody uses it. It is never changed for another one unasked. */
export class Camera extends SharedStream {
  constructor(settings: KeptSettings) {
    super({
      settings,
      constraints: ({ camera }) => ({
        video: {
          ...(camera !== '' && { deviceId: { ideal: camera } }),
          width: { ideal: 1280 },
          height: { ideal: 720 },
          frameRate: { ideal: 24, max: 30 },
        },
      }),
      looksOn: false,
    })
  }
}

/** Whether the browser can show screens: those of telephones cannot. */
export function canCaptureScreen(): boolean {
  return 'getDisplayMedia' in (navigator.mediaDevices ?? {})
}

/**
 * Lets the person choose a screen, a window or a tab; undefined if they chose none.
 * @param ended the browser, or whatever was shown, has ended it
 * @throws DOMException
 */
export async function captureScreen(ended: () => void): Promise<Capture | undefined> {
  try {
    const picture = await navigator.mediaDevices.getDisplayMedia({
      video: { width: { max: 1920 }, height: { max: 1080 }, frameRate: { max: 15 } },
      audio: false,
    })
    picture.getVideoTracks()[0]?.addEventListener('ended', ended)
    return {
      picture,
      stop: () => {
        for (const track of picture.getTracks()) track.stop()
      },
    }
  } catch (error) {
    // "By the system" is not the person's choice: they have to allow it outside of the browser.
    const isChoice = error instanceof DOMException && error.name === 'NotAllowedError'
    if (isChoice && !error.message.includes('system')) return undefined
    throw error
  }
}
