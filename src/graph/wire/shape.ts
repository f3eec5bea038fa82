/** What differs between published versions in the bodies that the encoders of this folder write: data, not code. */
export interface Shape {
  /** Members that only the beta metadata declares: `activeModalities`, `answeredBy`, `routingPolicies` and so on. */
  readonly betaMembers: boolean
  /** `id` of each participant in the answer to an invite: by it a pending invitee can be cancelled. */
  readonly inviteeId: boolean
}
