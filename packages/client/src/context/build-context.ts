import { readFile, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { hasErrno, ignoreMatcher, invalid, isIgnored, messageOf, parseIgnoreFile } from '@slipway/core'
import { tarContext, tarFiles } from './tar-context.ts'

/** What is sent to the engine for one build. */
export interface BuildContext {
  readonly tar: AsyncIterable<Uint8Array>
  /** The Dockerfile's path within it. */
  readonly dockerfile: string
}

const readIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (hasErrno(error, 'ENOENT') || hasErrno(error, 'ENOTDIR')) return undefined
    throw error
  }
}

const openDirectory = async (directory: string): Promise<string> => {
  const found = await stat(directory).catch((error: unknown) => {
    if (hasErrno(error, 'ENOENT')) throw invalid(`unable to prepare context: path "${directory}" not found`, error)
    throw invalid(`unable to prepare context: ${messageOf(error)}`, error)
  })
  if (!found.isDirectory()) {
    throw invalid(`unable to prepare context: context must be a directory: ${resolve(directory)}`)
  }
  return await realpath(directory)
}

/** A name that follows from what is in the Dockerfile, so that the same build sends the same bytes. */
const outsideName = async (content: string): Promise<string> => {
  // Imported where it is needed: it would be 5 ms of the start of every command.
  const { createHash } = await import('node:crypto')
  return `.dockerfile.${createHash('sha256').update(content).digest('hex').slice(0, 20)}`
}

interface Dockerfile {
  readonly path: string
  /** Only when it isn't in the context itself. */
  readonly content?: string
}

const locateDockerfile = async (root: string, wanted: string | undefined): Promise<Dockerfile> => {
  if (wanted === undefined) {
    if ((await readIfThere(join(root, 'Dockerfile'))) !== undefined) return { path: 'Dockerfile' }
    const lower = await readIfThere(join(root, 'dockerfile'))
    return { path: lower === undefined ? 'Dockerfile' : 'dockerfile' }
  }
  const absolute = await realpath(wanted).catch((error: unknown) => {
    if (!hasErrno(error, 'ENOENT')) throw error
    const shown = resolve(wanted)
    throw invalid(
      `unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat ${shown}: no such file or directory`,
    )
  })
  const inside = relative(root, absolute)
  if (!inside.startsWith(`..${sep}`) && !isAbsolute(inside)) return { path: inside.split(sep).join('/') }
  const content = await readFile(absolute, 'utf8')
  return { path: await outsideName(content), content }
}

/** What the builder itself must see is sent even when it is ignored; the builder keeps it out of COPY. */
const keepBuildFiles = (patterns: readonly string[], dockerfile: string): readonly string[] => {
  const matcher = ignoreMatcher(patterns)
  return [
    ...patterns,
    ...['.dockerignore', dockerfile].filter((path) => isIgnored(matcher, path)).map((path) => `!${path}`),
  ]
}

/**
 * Makes the context of a directory. `dockerfile`: a path as typed, relative to the working directory; `content`: its
 * text instead, when it came through stdin. Throws invalid in docker's words.
 */
export const directoryContext = async (
  directory: string,
  { dockerfile, content }: { readonly dockerfile?: string | undefined; readonly content?: string } = {},
): Promise<BuildContext> => {
  const root = await openDirectory(directory)
  const found: Dockerfile =
    content === undefined ? await locateDockerfile(root, dockerfile) : { path: await outsideName(content), content }
  const ownIgnore =
    found.content === undefined ? await readIfThere(join(root, `${found.path}.dockerignore`)) : undefined
  const ignoreText = ownIgnore ?? (await readIfThere(join(root, '.dockerignore'))) ?? ''
  const ignore = keepBuildFiles(parseIgnoreFile(ignoreText), found.path)
  // A Dockerfile from elsewhere travels under a name of its own, which the builder is told to keep out of COPY.
  const extra: Readonly<Record<string, string>> =
    found.content === undefined
      ? {}
      : { [found.path]: found.content, '.dockerignore': `${ignoreText}\n.dockerignore\n${found.path}\n` }
  return { tar: tarContext(root, { ignore, extra }), dockerfile: found.path }
}

/** A context of nothing but a Dockerfile: `build - < Dockerfile`. */
export const dockerfileContext = (content: Uint8Array): BuildContext => ({
  tar: tarFiles({ Dockerfile: content }),
  dockerfile: 'Dockerfile',
})

const magics: readonly (readonly number[])[] = [
  [0x1f, 0x8b],
  [0x42, 0x5a, 0x68],
  [0xfd, 0x37, 0x7a, 0x58, 0x5a],
  [0x28, 0xb5, 0x2f, 0xfd],
]

/** True when these first bytes (262 or more) are those of a tar, perhaps compressed. */
export const looksLikeArchive = (head: Uint8Array): boolean =>
  Buffer.from(head.subarray(257, 262)).toString('latin1') === 'ustar' ||
  magics.some((magic) => magic.every((byte, index) => head[index] === byte))
