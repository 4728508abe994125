import { mkdtemp, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { uploadAddress } from '@slipway/buildkit/client'
import { Exit, fileProblem } from '../exit.ts'
import { isRemote } from './remote.ts'
import { readStdin } from './stdin.ts'

/** What is built: directories that the session offers, or an address that the daemon reads, with what it is told of them. */
export interface BuildSource extends AsyncDisposable {
  readonly options: ReadonlyMap<string, string>
  readonly directories: ReadonlyMap<string, string>
  /** What comes on standard input, by the name it is uploaded under. */
  readonly uploads: ReadonlyMap<string, AsyncIterable<Uint8Array>>
  /** The directory that the files come from, or the address: what the daemon knows again next time. */
  readonly identity: string
  /** The Dockerfile lies in the web: to be read by the daemon and kept here, before anything is built. */
  readonly webDockerfile?: WebDockerfile
}

export interface WebDockerfile {
  readonly url: string
  readonly path: string
}

const isInWeb = (file: string | undefined): file is string => file !== undefined && /^https?:\/\//.test(file)

const refuse = (why: string): never => {
  throw new Exit(1, `ERROR: failed to build: ${why}`)
}

interface KeptDockerfile extends Pick<BuildSource, 'webDockerfile'> {
  readonly directory: string
  remove(): Promise<void>
}

/** A directory of ours with one Dockerfile in it; one in the web is to come there yet. */
const keepDockerfile = async (content: Uint8Array | { readonly url: string }): Promise<KeptDockerfile> => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-build-'))
  const path = join(directory, 'Dockerfile')
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true })
  if ('url' in content) return { directory, remove, webDockerfile: { url: content.url, path } }
  await writeFile(path, content)
  return { directory, remove }
}

/** undefined: `-f` names neither standard input nor an address. */
const keepNamed = async (file: string | undefined, stdin: Readable): Promise<KeptDockerfile | undefined> => {
  if (file === '-') return await keepDockerfile(await buffer(stdin))
  return isInWeb(file) ? await keepDockerfile({ url: file }) : undefined
}

const nothing = async (): Promise<void> => undefined

interface Parts extends Partial<Pick<BuildSource, 'uploads' | 'webDockerfile'>> {
  readonly options?: Readonly<Record<string, string>>
  readonly directories?: Readonly<Record<string, string>>
  readonly identity: string
}

const sourceOf = (
  { options = {}, directories = {}, uploads = new Map(), identity, webDockerfile }: Parts,
  remove = nothing,
): BuildSource => ({
  options: new Map(Object.entries(options)),
  directories: new Map(Object.entries(directories)),
  uploads,
  identity,
  ...(webDockerfile === undefined ? {} : { webDockerfile }),
  [Symbol.asyncDispose]: remove,
})

/** A tar is handed on as it is; anything else is a Dockerfile without a context. */
const fromStdin = async (stdin: Readable, file: string | undefined): Promise<BuildSource> => {
  const { isArchive, bytes } = await readStdin(stdin)
  if (isArchive) {
    const name = `stdin-${process.pid}`
    const options = { context: uploadAddress(name), ...(file === undefined ? {} : { filename: file }) }
    return sourceOf({ options, uploads: new Map([[name, bytes]]), identity: 'stdin' })
  }
  if (file !== undefined) refuse('ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles')
  const { directory, remove } = await keepDockerfile(await buffer(bytes))
  const empty = await mkdtemp(join(tmpdir(), 'slipway-build-'))
  return sourceOf({ directories: { context: empty, dockerfile: directory }, identity: 'stdin' }, async () => {
    await Promise.all([remove(), rm(empty, { recursive: true, force: true })])
  })
}

/** Some write it in small letters. */
const defaultName = async (directory: string): Promise<string> => {
  const names = await readdir(directory).catch((): string[] => [])
  return !names.includes('Dockerfile') && names.includes('dockerfile') ? 'dockerfile' : 'Dockerfile'
}

const openDirectory = async (path: string): Promise<string> => {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) =>
    refuse(
      `unable to prepare context: ${error.code === 'ENOENT' ? `path ${JSON.stringify(path)} not found` : fileProblem(error, path)}`,
    ),
  )
  if (!found.isDirectory()) refuse(`unable to prepare context: path ${JSON.stringify(path)} must be a directory`)
  return await realpath(path)
}

const fromDirectory = async (path: string, file: string | undefined, stdin: Readable): Promise<BuildSource> => {
  const context = await openDirectory(path)
  const kept = await keepNamed(file, stdin)
  if (kept !== undefined) {
    const { directory, remove, ...web } = kept
    return sourceOf({ directories: { context, dockerfile: directory }, identity: context, ...web }, remove)
  }
  // A file that isn't there is the daemon's to miss.
  const directory =
    file === undefined ? context : await realpath(dirname(resolve(file))).catch(() => dirname(resolve(file)))
  const filename = file === undefined ? await defaultName(context) : basename(file)
  return sourceOf({
    // What the history calls it.
    options: { filename, 'vcs:localdir:context': basename(context) },
    directories: { context, dockerfile: directory },
    identity: context,
  })
}

const fromRemote = async (context: string, file: string | undefined, stdin: Readable): Promise<BuildSource> => {
  const kept = await keepNamed(file, stdin)
  if (kept === undefined) {
    return sourceOf({ options: { context, ...(file === undefined ? {} : { filename: file }) }, identity: context })
  }
  const { directory, remove, ...web } = kept
  const options = { context, dockerfilekey: 'dockerfile' }
  return sourceOf({ options, directories: { dockerfile: directory }, identity: context, ...web }, remove)
}

/** Opens PATH, URL or `-`, with the Dockerfile that `-f` names. Throws Exit. */
export const openSource = async (source: string, file: string | undefined, stdin: Readable): Promise<BuildSource> => {
  if (source === '-' && file === '-') refuse("invalid argument: can't use stdin for both build context and dockerfile")
  if (source === '-') return await fromStdin(stdin, file)
  return isRemote(source) ? await fromRemote(source, file, stdin) : await fromDirectory(source, file, stdin)
}
