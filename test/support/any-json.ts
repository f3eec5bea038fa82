/**
 * JSON that came from the server, for a test to look into. Tests compare whole bodies; the type system cannot know the
 * shapes of a wire contract that is under test.
 */
export type AnyJson = any // eslint-disable-line typescript/no-explicit-any -- the one place: see above
