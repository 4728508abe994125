import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getCACertificates } from 'node:tls'
import { hasErrno, invalid } from '@slipway/core'

/** PEM texts for connections to one registry. */
export interface Certificates {
  /** Who may vouch for it: everyone this machine trusts, and those of the directory. */
  readonly ca?: string[]
  /** What we show of ourselves, when we are asked. */
  readonly cert?: string[]
  readonly key?: string[]
}

const stemOf = (name: string): string => name.slice(0, name.lastIndexOf('.'))

const filesOf = async (directory: string): Promise<readonly string[] | undefined> => {
  try {
    return (await readdir(directory)).toSorted()
  } catch (error) {
    if (hasErrno(error, 'ENOENT') || hasErrno(error, 'ENOTDIR')) return undefined
    throw error
  }
}

const readAll = (directory: string, names: readonly string[]): Promise<string[]> =>
  Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))

const readDirectory = async (directory: string, names: readonly string[]): Promise<Certificates> => {
  const authorities = names.filter((name) => name.endsWith('.crt'))
  const clients = names.filter((name) => name.endsWith('.cert'))
  for (const name of clients) {
    if (names.includes(`${stemOf(name)}.key`)) continue
    throw invalid(
      `missing key ${stemOf(name)}.key for client certificate ${name}. CA certificates must use the extension .crt`,
    )
  }
  for (const name of names.filter((each) => each.endsWith('.key'))) {
    if (clients.includes(`${stemOf(name)}.cert`)) continue
    throw invalid(`missing client certificate ${stemOf(name)}.cert for key ${name}`)
  }
  return {
    ...(authorities.length > 0
      ? { ca: [...getCACertificates('default'), ...(await readAll(directory, authorities))] }
      : {}),
    ...(clients.length > 0
      ? {
          cert: await readAll(directory, clients),
          key: await readAll(
            directory,
            clients.map((name) => `${stemOf(name)}.key`),
          ),
        }
      : {}),
  }
}

/**
 * The certificates for `host`, from the first of the directories that has one for it, laid out as dockerd's
 * `/etc/docker/certs.d`: `<host[:port]>/*.crt` are authorities, `*.cert` and `*.key` of one name show who we are. Throws
 * invalid, in docker's words, for half of such a pair.
 */
export const readCertificates = async (directories: readonly string[], host: string): Promise<Certificates> => {
  for (const each of directories) {
    const directory = join(each, host)
    const names = await filesOf(directory)
    if (names !== undefined) return readDirectory(directory, names)
  }
  return {}
}
