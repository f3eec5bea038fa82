/**
 * Runs in a page, as a script: the other end of a leg, in the same page, which sends a picture of its own on each line; and
 * what the page's own pictures look like. `phones.ts` brings it there.
 */

/** A canvas on which something moves, as a track. @param hue of its colour, in degrees */
function film(hue: number): MediaStreamTrack {
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width: 640, height: 360 })
  const context = canvas.getContext('2d')
  let turn = 0
  const draw = (): void => {
    if (!context) return
    turn += 0.1
    const light = context.createLinearGradient(0, 0, 640, 360)
    light.addColorStop(0, `hsl(${hue} 45% 70%)`)
    light.addColorStop(1, `hsl(${hue} 45% 40%)`)
    context.fillStyle = light
    context.fillRect(0, 0, 640, 360)
    context.fillStyle = `hsl(${hue} 30% 25%)`
    context.beginPath()
    context.arc(320 + 6 * Math.sin(turn), 150, 70, 0, 2 * Math.PI)
    context.ellipse(320, 380, 160, 140, 0, 0, 2 * Math.PI)
    context.fill()
  }
  draw()
  setInterval(draw, 100)
  const [track] = canvas.captureStream(10).getVideoTracks()
  if (!track) throw new Error('the canvas has no track')
  return track
}

let peer: RTCPeerConnection | undefined

/** Answers a leg's offer: pictures on all lines of video. */
async function answer(offer: string): Promise<string> {
  peer?.close()
  const connection = new RTCPeerConnection()
  peer = connection
  await connection.setRemoteDescription({ type: 'offer', sdp: offer })
  const lines = connection.getTransceivers().filter(({ receiver }) => receiver.track.kind === 'video')
  await Promise.all(
    lines.map(async (line, index) => {
      line.direction = line.currentDirection === 'sendrecv' ? 'sendrecv' : 'sendonly'
      await line.sender.replaceTrack(film((index * 67 + 180) % 360))
    }),
  )
  await connection.setLocalDescription()
  while (connection.iceGatheringState !== 'complete') await new Promise((resolve) => setTimeout(resolve, 20))
  return connection.localDescription?.sdp ?? ''
}

/** All connections that the page has ever made. */
const connections: RTCPeerConnection[] = []
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    connections.push(this)
  }
}

/** Whatever films this person: tracks of cameras and screens that the page has ever taken. */
const taken: MediaStreamTrack[] = []
const devices = navigator.mediaDevices as MediaDevices | undefined
for (const name of ['getUserMedia', 'getDisplayMedia'] as const) {
  const take = devices?.[name].bind(devices)
  if (!devices || !take) continue
  devices[name] = async (constraints) => {
    const stream = await take(constraints)
    taken.push(...stream.getVideoTracks())
    return stream
  }
}

/** How many of them film just now. */
const filming = (): number => taken.filter(({ readyState }) => readyState === 'live').length

/** How many frames all connections of the page have decoded so far. */
async function decoded(): Promise<number> {
  const reports = await Promise.all(connections.map((connection) => connection.getStats()))
  return reports
    .flatMap((report) => [...report.values()])
    .filter(({ type, kind }) => type === 'inbound-rtp' && kind === 'video')
    .reduce((sum: number, { framesDecoded = 0 }) => sum + Number(framesDecoded), 0)
}

/** The most that the newest leg sends on each line of video, in bits a second; null where it sends nothing. */
function bounds(): readonly (number | null | undefined)[] {
  const leg = connections.findLast((connection) => connection !== peer)
  return (leg?.getTransceivers() ?? [])
    .filter(({ receiver }) => receiver.track.kind === 'video')
    .map(({ direction, sender }) => (direction === 'recvonly' ? null : sender.getParameters().encodings[0]?.maxBitrate))
}

/** What is seen of a picture just now: its mean colour, its size, and how many frames have come. */
interface Look {
  readonly colour: readonly [number, number, number]
  readonly width: number
  readonly frames: number
}

/** Frames that were shown since they were first asked for. */
const shown = new WeakMap<HTMLVideoElement, number>()

/** How many frames have come: Firefox does not count those of streams in any other way. */
function framesOf(video: HTMLVideoElement): number {
  const count = (): void => {
    shown.set(video, (shown.get(video) ?? -1) + 1)
    video.requestVideoFrameCallback(count)
  }
  if (!shown.has(video)) count()
  return Math.max(shown.get(video) ?? 0, video.getVideoPlaybackQuality().totalVideoFrames)
}

/** Looks at the picture with this label; undefined if there is none, or nothing to see. */
function look(label: string): Look | undefined {
  const video = document.querySelector<HTMLVideoElement>(`video[aria-label=${JSON.stringify(label)}]`)
  if (!video || video.videoWidth === 0 || getComputedStyle(video).visibility === 'hidden') return undefined
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width: 1, height: 1 })
  const context = canvas.getContext('2d')
  if (!context) return undefined
  context.imageSmoothingQuality = 'high'
  context.drawImage(video, 0, 0, 1, 1)
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data
  return {
    colour: [red, green, blue],
    width: video.videoWidth,
    frames: framesOf(video),
  }
}

Object.assign(globalThis, { pictures: { answer, bounds, decoded, filming, legs: () => connections.length, look } })
