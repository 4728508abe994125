import { invalid } from '@slipway/core'

/** A place in a git repository, as ADD and contexts name it. */
export interface GitUrl {
  /** For git itself. */
  readonly remote: string
  /** A branch, a tag or a commit; without one what the other side has as HEAD. */
  readonly ref?: string
  /** A directory in it. */
  readonly subdirectory?: string
  /** The beginning of the commit that it has to be. */
  readonly checksum?: string
  readonly keepGitDir?: boolean
  readonly submodules?: boolean
}

const scp = /^[\w.-]+@[\w.-]+:(?!\/\/)/
const known = ['ref', 'branch', 'tag', 'subdir', 'checksum', 'commit', 'keep-git-dir', 'submodules']

/** `git@host:path`, `git://`, `ssh://`, and `https://….git`, with what can follow. */
export const isGit = (text: string): boolean =>
  scp.test(text) || /^(?:git|ssh):\/\//i.test(text) || /^https?:\/\/[^?#]*\.git(?:[?#].*)?$/i.test(text)

/** What is fetched as a file. */
export const isUrl = (text: string): boolean => /^https?:\/\//i.test(text)

const readBoolean = (name: string, value: string | null): boolean | undefined => {
  if (value === null) return undefined
  if (['', '1', 'true'].includes(value)) return true
  if (['0', 'false'].includes(value)) return false
  throw invalid(`invalid ${name} value: ${JSON.stringify(value)}`)
}

const isRef = (text: string): boolean => !text.startsWith('-') && !/[\s\0]/.test(text)

/** `url#ref:directory` or `url?ref=…&subdir=…`. Throws invalid. */
export const parseGitUrl = (text: string): GitUrl => {
  const [, remote = '', query = '', fragment = ''] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text) ?? []
  const asked = new URLSearchParams(query)
  for (const name of asked.keys()) if (!known.includes(name)) throw invalid(`unexpected query ${JSON.stringify(name)}`)
  const [fragmentRef = '', ...rest] = fragment.split(':')
  const refs = [asked.get('ref'), asked.get('branch'), asked.get('tag'), fragmentRef].filter((ref) => ref)
  if (new Set(refs).size > 1) throw invalid(`ref conflicts: ${refs.join(' vs ')}`)
  const ref = refs[0] ?? undefined
  const subdirectory = asked.get('subdir') ?? rest.join(':')
  const checksum = asked.get('checksum') ?? asked.get('commit') ?? undefined
  const keepGitDir = readBoolean('keep-git-dir', asked.get('keep-git-dir'))
  const submodules = readBoolean('submodules', asked.get('submodules'))
  if (ref !== undefined && !isRef(ref)) throw invalid(`invalid git ref: ${JSON.stringify(ref)}`)
  if (remote.startsWith('-')) throw invalid(`invalid git URL: ${JSON.stringify(text)}`)
  return {
    remote,
    ...(ref === undefined ? {} : { ref }),
    ...(subdirectory === '' ? {} : { subdirectory }),
    ...(checksum === undefined ? {} : { checksum }),
    ...(keepGitDir === undefined ? {} : { keepGitDir }),
    ...(submodules === undefined ? {} : { submodules }),
  }
}
