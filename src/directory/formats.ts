/** The written forms of names. */

/** A user principal name, such as `user1@contoso.example`. */
export const UPN = /^[^\s@]+@[^\s@]+$/
