import { readFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { Server as TlsServer } from 'node:https'
import { createSecureContext } from 'node:tls'
import { invalid, type Logger, messageOf } from '@slipway/core'
import type { ServerTls } from '@slipway/http'

/** Where the certificate and its key lie, as PEM. */
export interface CertificateFiles {
  readonly certificate: string
  readonly key: string
}

const read = async (path: string): Promise<Buffer> => {
  try {
    return await readFile(path)
  } catch (error) {
    throw invalid(`can't read ${path}: ${messageOf(error)}`, error)
  }
}

/** Throws invalid when one is missing, or they don't belong together. */
export const readCertificate = async (files: CertificateFiles): Promise<ServerTls> => {
  const tls = { cert: await read(files.certificate), key: await read(files.key) }
  try {
    createSecureContext(tls)
  } catch (error) {
    throw invalid(`${files.certificate} and ${files.key} are no certificate and its key: ${messageOf(error)}`, error)
  }
  return tls
}

export interface ReloadOptions {
  readonly files: CertificateFiles
  readonly now: ServerTls
  readonly everyMs: number
  readonly logger: Logger
}

/**
 * Looks at the files again and again, and gives new connections what is new: certificates live for weeks, a registry for months.
 * While certificate and key don't fit (only one was written yet) the old ones stay. Disposing ends it.
 */
export const reloadCertificate = (server: Server, { files, now, everyMs, logger }: ReloadOptions): Disposable => {
  let current = now
  let complained = ''
  const look = async (): Promise<void> => {
    try {
      const found = await readCertificate(files)
      complained = ''
      if (found.cert.equals(current.cert) && found.key.equals(current.key)) return
      if (server instanceof TlsServer) server.setSecureContext({ ...found, minVersion: 'TLSv1.2' })
      current = found
      logger.info({ certificate: files.certificate }, 'the certificate was reloaded')
    } catch (error) {
      const message = messageOf(error)
      if (message !== complained) logger.warn({ error: message }, 'the certificate could not be reloaded')
      complained = message
    }
  }
  const timer = setInterval(() => void look(), everyMs).unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
