/** What differs, among the versions since 2020, in the bodies that the encoders of this folder write: data, not code. */
export interface Shape {
  /** Members that only the beta metadata declares: `activeModalities`, `answeredBy`, `routingPolicies` and so on. */
  readonly betaMembers: boolean
  /** Which participants have an `id` in the answer to an invite: by it a pending invitee can be cancelled. */
  readonly inviteeId: 'all' | 'phones'
  /** `@odata.type` on the users and applications in the answer to an invite. */
  readonly typedInvitees: boolean
  /** `tenantId` on the identities of operations and rosters. */
  readonly tenantIds: boolean
  /** What came after 2021: `participantInfo.participantId` in the place of its `id`, `participant.preferredDisplayName`. */
  readonly since2021: boolean
}
