import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hasErrno, invalid, SlipwayError } from '@slipway/core'
import { findBinary } from '@slipway/linux'
import type { GitUrl } from '../dockerfile/git-url.ts'
import { type Edge, edge, type Op } from '../graph/vertex.ts'
import { resolveInRoot } from './file/resolve.ts'

const run = promisify(execFile)

interface CheckoutOptions {
  /** The beginning of the commit that it has to be. */
  readonly checksum: string | undefined
  readonly keepGitDir: boolean
}

/** Nothing of this machine's own configuration, no questions, and no transport that could run a program. */
export const gitEnvironment = (home: string): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: home,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ALLOW_PROTOCOL: 'git:http:https:ssh',
  GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -F /dev/null',
})

type Git = (...args: readonly string[]) => Promise<string>

const gitIn = (directory: string, home: string, url: GitUrl, signal: AbortSignal): Git => {
  const binary = findBinary('git')
  if (binary === undefined)
    throw new SlipwayError('unsupported', `ADD of ${url.remote} needs git, which is not installed`)
  return async (...args) => {
    try {
      const options = { cwd: directory, env: gitEnvironment(home), signal, maxBuffer: 1 << 20 }
      const { stdout } = await run(
        binary,
        ['-c', 'core.hooksPath=/dev/null', '-c', 'advice.detachedHead=false', ...args],
        options,
      )
      return stdout.trim()
    } catch (error) {
      signal.throwIfAborted()
      const { stderr = '' } = error as { readonly stderr?: string }
      throw new SlipwayError('unavailable', `failed to fetch remote ${url.remote}: ${stderr.trim()}`, { cause: error })
    }
  }
}

const throwIt = (error: Error): never => {
  throw error
}

/** Of what was fetched whole; undefined: the other side has no such thing. */
const findCommit = async (git: Git, ref: string): Promise<string | undefined> => {
  // What HEAD is, only the other side knows.
  if (ref === 'HEAD') return /^[0-9a-f]{40,64}/.exec(await git('ls-remote', '--', 'origin', 'HEAD'))?.[0]
  for (const name of [`refs/remotes/origin/${ref.replace(/^refs\/heads\//, '')}`, `refs/tags/${ref}`, ref]) {
    const found = await git('rev-parse', '--verify', '--quiet', `${name}^{commit}`).catch(() => undefined)
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * Only the one commit where the other side can do that. A server that only serves files can't, and commits by their number others
 * may refuse: then all of it.
 */
const fetchRef = async (git: Git, url: GitUrl): Promise<void> => {
  const ref = url.ref ?? 'HEAD'
  try {
    await git('fetch', '--quiet', '--depth=1', '--no-tags', '--', 'origin', ref)
    await git('checkout', '--quiet', '--force', 'FETCH_HEAD')
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error
    await git('fetch', '--quiet', '--tags', '--', 'origin', '+refs/heads/*:refs/remotes/origin/*')
    await git('checkout', '--quiet', '--force', (await findCommit(git, ref)) ?? throwIt(error))
  }
}

const verifyCommit = async (git: Git, expected: string | undefined): Promise<void> => {
  if (expected === undefined) return
  const commit = await git('rev-parse', 'HEAD')
  if (!/^[0-9a-f]{7,64}$/.test(expected) || !commit.startsWith(expected)) {
    throw invalid(`expected checksum to match ${expected}, got ${commit}`)
  }
}

/** The directory that was asked for; it may not lead out of the repository. */
const directoryIn = async (root: string, { subdirectory, remote }: GitUrl): Promise<string> => {
  const path = resolveInRoot(root, subdirectory ?? '', { followLast: true })
  const missing = () => invalid(`failed to fetch remote ${remote}: invalid subdir ${subdirectory}`)
  const found = await stat(path).catch((error: unknown) => {
    if (hasErrno(error, 'ENOENT') || hasErrno(error, 'ENOTDIR')) throw missing()
    throw error
  })
  if (!found.isDirectory()) throw missing()
  return realpath(path)
}

const gitOp = (url: GitUrl, { checksum = url.checksum, keepGitDir }: CheckoutOptions): Op => ({
  kind: 'source',
  cacheKey: () => undefined,
  async run(_inputs, { worker, signal, onEnd }) {
    const parent = join(worker.scratch, 'downloads')
    await mkdir(parent, { recursive: true })
    const path = await mkdtemp(join(parent, 'git-'))
    onEnd(() => rm(path, { recursive: true, force: true }))
    const root = join(path, 'tree')
    await mkdir(root)
    const git = gitIn(root, path, url, signal)
    await git('init', '--quiet', '--initial-branch=main')
    await git('remote', 'add', '--', 'origin', url.remote)
    await fetchRef(git, url)
    await verifyCommit(git, checksum)
    if (url.submodules !== false) await git('submodule', 'update', '--quiet', '--init', '--recursive', '--depth=1')
    const keep = keepGitDir || url.keepGitDir === true
    const ignore = keep ? [] : ['.git', '**/.git']
    return [{ kind: 'files', source: { kind: 'directory', path: await directoryIn(root, url) }, ignore }]
  },
})

/** The files of a commit, without git's own unless they are asked for. */
export const checkout = (url: GitUrl, options: CheckoutOptions): Edge =>
  edge({ name: `ADD ${url.remote}`, op: gitOp(url, options), inputs: [] })
