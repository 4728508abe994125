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
export const isUrl = (text: string): boolean => /^https?:\/\//.test(text)

const readBoolean = (name: string, value: string | null): boolean | undefined => {
  if (value === null) return undefined
  if (/^(?:1|t|T|TRUE|true|True|)$/.test(value)) return true
  if (/^(?:0|f|F|FALSE|false|False)$/.test(value)) return false
  throw invalid(`invalid ${name} value: ${JSON.stringify(value)}`)
}

/** Those that may stand alone, and mean true then. */
const flags = ['keep-git-dir', 'submodules']

const readQuery = (text: string): URLSearchParams => {
  const asked = new URLSearchParams(text)
  for (const name of new Set(asked.keys())) {
    const values = asked.getAll(name)
    if (values.length > 1) throw invalid(`query ${JSON.stringify(name)} has multiple values`)
    if (values[0] === '' && !flags.includes(name)) throw invalid(`query ${JSON.stringify(name)} has no value`)
    if (!known.includes(name)) throw invalid(`unexpected query ${JSON.stringify(name)}`)
  }
  return asked
}

/** The only thing that all of them say. Throws invalid. */
const agreed = (what: string, texts: readonly (string | null)[]): string | undefined => {
  const [first, ...others] = texts.filter((text) => text)
  const other = others.find((text) => text !== first)
  if (other) throw invalid(`${what} conflicts: ${JSON.stringify(first)} vs ${JSON.stringify(other)}`)
  return first ?? undefined
}

const refOf = (asked: URLSearchParams, fragment: string): string | undefined => {
  const [tag, branch] = (['tag', 'branch'] as const).map((kind) => asked.get(kind))
  if (tag && branch) throw invalid('branch conflicts with tag')
  const inFull = (prefix: string, name: string | null | undefined): string | null =>
    name ? prefix + name.replace(prefix, '') : null
  return agreed('ref', [fragment, asked.get('ref'), inFull('refs/tags/', tag), inFull('refs/heads/', branch)])
}

const isRef = (text: string): boolean => !text.startsWith('-') && !/[\s\0]/.test(text)

/** `url#ref:directory` or `url?ref=…&subdir=…`. Throws invalid. */
export const parseGitUrl = (text: string): GitUrl => {
  const [, remote = '', query = '', fragment = ''] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text) ?? []
  const asked = readQuery(query)
  const [fragmentRef = '', ...rest] = fragment.split(':')
  const ref = refOf(asked, fragmentRef)
  const subdirectory = agreed('subdir', [rest.join(':'), asked.get('subdir')])
  const checksum = asked.get('checksum') ?? asked.get('commit') ?? undefined
  const keepGitDir = readBoolean('keep-git-dir', asked.get('keep-git-dir'))
  const submodules = readBoolean('submodules', asked.get('submodules'))
  if (ref !== undefined && !isRef(ref)) throw invalid(`invalid git ref: ${JSON.stringify(ref)}`)
  if (remote.startsWith('-')) throw invalid(`invalid git URL: ${JSON.stringify(text)}`)
  return {
    remote,
    ...(ref === undefined ? {} : { ref }),
    ...(subdirectory === undefined ? {} : { subdirectory }),
    ...(checksum === undefined ? {} : { checksum }),
    ...(keepGitDir === undefined ? {} : { keepGitDir }),
    ...(submodules === undefined ? {} : { submodules }),
  }
}
