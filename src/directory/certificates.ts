/** The certificates by which an application proves who it is, as the directory file gives them. */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Cursor } from './cursor.ts'

/**
 * Reads `certificates`: each is PEM, or the path of a PEM file.
 * @param file the directory file, to whose folder paths are relative
 * @returns each as PEM
 */
export function readCertificates(at: Cursor | undefined, file: string): string[] {
  return (at?.items() ?? []).flatMap((item) => {
    const text = item.text()
    return text === undefined ? [] : readCertificate(item, text, file)
  })
}

function readCertificate(at: Cursor, text: string, file: string): string[] {
  try {
    const pem = text.includes('-----BEGIN') ? text : readFileSync(resolve(dirname(file), text), 'utf8')
    const certificate = new X509Certificate(pem)
    if (certificate.publicKey.asymmetricKeyType === 'rsa') return [certificate.toString()]
    at.problem(
      'is not the certificate of an RSA key, which client assertions are signed with; make one with an RSA key',
    )
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    at.problem(`cannot be read (${detail}); write a certificate as PEM, or the path of a PEM file`)
  }
  return []
}
