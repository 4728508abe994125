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
}

const refuse = (why: string): never => {
  throw new Exit(1, `ERROR: failed to build: ${why}`)
}

/** A directory of ours with one Dockerfile in it. */
const keepDockerfile = async (content: Uint8Array) => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-build-'))
  await writeFile(join(directory, 'Dockerfile'), content)
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) }
}

const nothing = async (): Promise<void> => undefined

interface Parts extends Partial<Pick<BuildSource, 'uploads'>> {
  readonly options?: Readonly<Record<string, string>>
  readonly directories?: Readonly<Record<string, string>>
  readonly identity: string
}

const sourceOf = (
  { options = {}, directories = {}, uploads = new Map(), identity }: Parts,
  remove = nothing,
): BuildSource => ({
  options: new Map(Object.entries(options)),
  directories: new Map(Object.entries(directories)),
  uploads,
  identity,
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
  if (file === '-') {
    const { directory, remove } = await keepDockerfile(await buffer(stdin))
    return sourceOf({ directories: { context, dockerfile: directory }, identity: context }, remove)
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
  if (file !== '-') {
    return sourceOf({ options: { context, ...(file === undefined ? {} : { filename: file }) }, identity: context })
  }
  const { directory, remove } = await keepDockerfile(await buffer(stdin))
  return sourceOf(
    { options: { context, dockerfilekey: 'dockerfile' }, directories: { dockerfile: directory }, identity: context },
    remove,
  )
}

/** Opens PATH, URL or `-`, with the Dockerfile that `-f` names. Throws Exit. */
export const openSource = async (source: string, file: string | undefined, stdin: Readable): Promise<BuildSource> => {
  if (source === '-' && file === '-') refuse("invalid argument: can't use stdin for both build context and dockerfile")
  if (source === '-') return await fromStdin(stdin, file)
  return isRemote(source) ? await fromRemote(source, file, stdin) : await fromDirectory(source, file, stdin)
}
