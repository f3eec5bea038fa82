/** How the results of the tests are written for people. */
import { inspect, styleText } from 'node:util'
import type { Failure, FileResult } from './test-file.ts'

/** One line for a file that ran: a mark, its name, how many tests, how long. */
export function fileLine(result: FileResult): string {
  const failed = result.failures.length
  const mark = failed > 0 ? styleText('red', '✖') : styleText('green', '✔')
  const counts = [`${result.passed} passed`]
  if (failed > 0) counts.push(`${failed} failed`)
  if (result.skipped > 0) counts.push(`${result.skipped} skipped`)
  return `${mark} ${result.name}  ${counts.join(', ')}  ${styleText('dim', `${Math.round(result.duration)} ms`)}`
}

/** Everything worth knowing about a file's failures. */
export function failureText(result: FileResult): string {
  const failures = result.failures.map((failure) => oneFailure(result.name, failure))
  const output = result.output.trim() === '' ? [] : [`  The file's own output:\n${indent(result.output.trimEnd())}`]
  return ['', ...failures, ...output, ''].join('\n')
}

function oneFailure(file: string, failure: Failure): string {
  const name = failure.name === file ? file : `${file} > ${failure.name}`
  return `${styleText('red', `✖ ${name}`)}\n${indent(errorText(failure.error))}`
}

/** node:test wraps what a test threw; the reader wants the thing itself, and what caused it. */
function errorText(error: unknown): string {
  if (typeof error === 'string') return error
  const thrown = error instanceof Error && error.cause !== undefined ? error.cause : error
  if (!(thrown instanceof Error)) return inspect(thrown)
  // The stack begins with the message, and an assertion's message already shows both values.
  const own = (thrown.stack ?? thrown.message).split('\n').filter(isOurs).join('\n')
  return thrown.cause === undefined ? own : `${own}\ncaused by ${inspect(thrown.cause)}`
}

function isOurs(line: string): boolean {
  return !/^\s+at .*\(?node:/.test(line)
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ')
}
