import { mkdir, open, readFile, realpath, rename, unlink } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { messageOf } from '@slipway/client'
import { Exit } from '../exit.ts'
import type { ProxyConfig } from './proxies.ts'

export interface AuthEntry {
  /** base64 of `user:password` */
  readonly auth?: string
  readonly identitytoken?: string
  readonly registrytoken?: string
}

/** What we read of `~/.docker/config.json`; what we don't know in it is kept when it is written. */
export interface DockerConfigFile {
  readonly auths?: Readonly<Record<string, AuthEntry>>
  readonly credsStore?: string
  readonly credHelpers?: Readonly<Record<string, string>>
  readonly HttpHeaders?: Readonly<Record<string, string>>
  readonly psFormat?: string
  readonly imagesFormat?: string
  readonly detachKeys?: string
  readonly currentContext?: string
  readonly proxies?: Readonly<Record<string, ProxyConfig>>
}

export interface DockerConfig {
  readonly path: string
  readonly file: DockerConfigFile
}

type Environment = Readonly<Record<string, string | undefined>>

export const configDirectory = (env: Environment, flag?: string): string =>
  flag ?? env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker')

/** No file is an empty one. Throws Exit when it isn't JSON. */
export const readDockerConfig = async (directory: string): Promise<DockerConfig> => {
  const path = join(directory, 'config.json')
  try {
    return { path, file: JSON.parse(await readFile(path, 'utf8')) as DockerConfigFile }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { path, file: {} }
    throw new Exit(1, `error loading config file: ${path}: ${messageOf(error)}`)
  }
}

/** Replaces the file in one go: a crash leaves the old one. Only its owner can read it; a link to it stays a link. */
export const writeDockerConfig = async ({ path, file }: DockerConfig): Promise<void> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const target = await realpath(path).catch(() => path)
  // Every command reads this file, few write it: they alone pay for loading crypto.
  const { randomBytes } = await import('node:crypto')
  const temporary = `${target}.${randomBytes(6).toString('hex')}`
  const handle = await open(temporary, 'wx', 0o600)
  try {
    await handle.writeFile(`${JSON.stringify(file, null, '\t')}\n`)
    await handle.sync()
    await rename(temporary, target)
  } catch (error) {
    await unlink(temporary).catch(() => undefined)
    throw error
  } finally {
    await handle.close()
  }
}
