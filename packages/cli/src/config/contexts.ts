import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf } from '@slipway/client'
import { Exit } from '../exit.ts'

/** A named engine, as docker's CLI keeps it: `contexts/meta/<sha256 of the name>/meta.json` beside its config file. */
export interface Context {
  readonly Name: string
  readonly Metadata: { readonly Description?: string }
  readonly Endpoints: { readonly docker?: ContextEndpoint }
}

export interface ContextEndpoint {
  readonly Host: string
  readonly SkipTLSVerify: boolean
}

export type TlsFile = 'ca' | 'cert' | 'key'

export const defaultContext = 'default'
const validName = /^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$/
const digestOf = (name: string): string => createHash('sha256').update(name).digest('hex')

/** Where a context lies below the configuration directory. */
export const contextPaths = (directory: string, name: string): { readonly meta: string; readonly tls: string } => ({
  meta: join(directory, 'contexts', 'meta', digestOf(name)),
  tls: join(directory, 'contexts', 'tls', digestOf(name)),
})

/** Throws Exit. */
export const checkContextName = (name: string): void => {
  if (name === defaultContext) throw new Exit(1, `"${defaultContext}" is a reserved context name`)
  if (!validName.test(name)) {
    throw new Exit(1, `context name "${name}" is invalid, names are validated against regexp "${validName.source}"`)
  }
}

/** Throws Exit when there is none of this name. */
export const readContext = async (directory: string, name: string): Promise<Context> => {
  const path = join(contextPaths(directory, name).meta, 'meta.json')
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Context
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw new Exit(1, `context "${name}": ${messageOf(error)}`)
    throw new Exit(1, `context "${name}": context not found: open ${path}: no such file or directory`)
  }
}

export const hasContext = (directory: string, name: string): Promise<boolean> =>
  readContext(directory, name).then(
    () => true,
    () => false,
  )

/** All of them by name, without the default one. */
export const listContexts = async (directory: string): Promise<readonly Context[]> => {
  const root = join(directory, 'contexts', 'meta')
  const folders = await readdir(root).catch(() => [])
  const found = await Promise.all(
    folders.map(async (folder) => {
      const text = await readFile(join(root, folder, 'meta.json'), 'utf8').catch(() => undefined)
      return text === undefined ? [] : [JSON.parse(text) as Context]
    }),
  )
  return found.flat().toSorted((a, b) => (a.Name < b.Name ? -1 : 1))
}

/** Made anew or replaced, in one go. `tls`: PEM texts by what they are. */
export const writeContext = async (
  directory: string,
  context: Context,
  tls: Readonly<Partial<Record<TlsFile, string>>> = {},
): Promise<void> => {
  const paths = contextPaths(directory, context.Name)
  await mkdir(paths.meta, { recursive: true, mode: 0o755 })
  const target = join(paths.meta, 'meta.json')
  await writeFile(`${target}.new`, JSON.stringify(context), { flush: true, mode: 0o644 })
  await rename(`${target}.new`, target)
  for (const [name, pem] of Object.entries(tls)) {
    const path = join(paths.tls, 'docker', `${name}.pem`)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(path, pem, { mode: 0o600 })
  }
}

export const removeContext = async (directory: string, name: string): Promise<void> => {
  const { meta, tls } = contextPaths(directory, name)
  await Promise.all([meta, tls].map((path) => rm(path, { recursive: true, force: true })))
}

/** The names of a context's PEM files, by endpoint. */
export const tlsFilesOf = async (directory: string, name: string): Promise<readonly string[]> =>
  (await readdir(join(contextPaths(directory, name).tls, 'docker')).catch(() => [])).toSorted()
