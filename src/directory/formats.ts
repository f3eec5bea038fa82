/** The written forms of names and numbers. */

/** E.164: a plus sign and at most fifteen digits. */
export const E164 = /^\+[1-9]\d{1,14}$/

/** A user principal name, such as `user1@contoso.example`. */
export const UPN = /^[^\s@]+@[^\s@]+$/
