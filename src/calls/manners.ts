/** How the wire version in which a call was made wants to hear of it; data of the dialect, kept with the call. */
export interface CallManners {
  /** The wire version, such as `v1.0`: names the dialect that encodes this call's notifications. */
  readonly wireVersion: string
  /** `terminating`: own hang-up, then one end. `terminated`: an update to terminated, then a bare end (2018 and 2019). */
  readonly end: 'terminating' | 'terminated'
  /** Whether the application hears that a target of its call rings. */
  readonly ringing?: true
  /** Whether a recorder may be asked to record one more person within its call (v1.0 and beta since 2021). */
  readonly asksRecorders?: true
  /** Whether the application hears that the call is transcribed (since 2020). */
  readonly transcription?: true
}
