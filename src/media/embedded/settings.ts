/** The embedded engine's settings, as the options say. */
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { Config } from '../../config.ts'
import type { PictureSettings } from '../forward/pictures.ts'
import type { StudioSettings } from './protocol.ts'

/** How the engine's process is to work. */
export function studioSettings(config: Config): StudioSettings {
  const host = addressOf(config.host)
  return {
    opus: {
      rate: config.mediaSampleRate === '48kHz' ? 48_000 : 16_000,
      coding: config.mediaCoding,
      complexity: config.mediaComplexity,
      bitrate: config.mediaBitrate,
    },
    peer: {
      address: config.mediaAddress ?? host,
      leavesLoopback: config.mediaAddress === undefined && host !== undefined && isLoopback(host),
      announced: config.mediaAnnouncedAddress,
      ports: config.mediaPorts,
    },
    legLimits: {
      packets: config.mediaPacketLimit,
      connect: config.mediaConnectTimeout,
      silence: config.mediaSilenceTimeout,
      interruption: config.mediaInterruptionTimeout,
    },
    loudest: config.mediaSpeakers,
    pictures: config.mediaVideo ? pictureSettings(config) : undefined,
  }
}

function pictureSettings(config: Config): PictureSettings {
  const least = config.mediaVideoLeastBitrate
  return {
    slots: config.mediaVideoSlots,
    bounds: {
      camera: { least: Math.min(least, config.mediaCameraBitrate), most: config.mediaCameraBitrate },
      screen: { least: Math.min(least, config.mediaScreenBitrate), most: config.mediaScreenBitrate },
    },
    packets: config.mediaVideoPacketLimit,
  }
}

/** The one address that a host is; undefined if it stands for several, or is a name. */
function addressOf(host: string): string | undefined {
  if (host === 'localhost') return '127.0.0.1'
  return isIP(host) === 0 || host === '0.0.0.0' || host === '::' ? undefined : host
}

function isLoopback(address: string): boolean {
  return ipaddr.parse(address).range() === 'loopback'
}
