import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasErrno } from '@slipway/core'

/** A mirror, as the host's apt uses it. */
export interface AptSource {
  /** `http://deb.debian.org/debian`, without a slash at the end. */
  readonly uri: string
  readonly suites: readonly string[]
}

const trimmed = (uri: string): string => uri.replace(/\/+$/, '')

/** `deb [signed-by=…] http://deb.debian.org/debian bookworm main` (sources.list(5), one-line style). */
const parseLine = (line: string): readonly AptSource[] => {
  const found = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/.exec(line.trim())
  return found?.[1] === undefined || found[2] === undefined ? [] : [{ uri: trimmed(found[1]), suites: [found[2]] }]
}

/** Stanzas of `Types:`, `URIs:`, `Suites:` (sources.list(5), deb822 style). */
const parseStanza = (stanza: string): readonly AptSource[] => {
  const field = (name: string): readonly string[] =>
    new RegExp(`^${name}:(.*(?:\\n[ \\t].*)*)`, 'im').exec(stanza)?.[1]?.split(/\s+/).filter(Boolean) ?? []
  if (!field('Types').includes('deb') || field('Enabled')[0]?.toLowerCase() === 'no') return []
  return field('URIs').map((uri) => ({ uri: trimmed(uri), suites: field('Suites') }))
}

export const parseAptSources = (text: string, style: 'list' | 'sources'): readonly AptSource[] =>
  style === 'list' ? text.split('\n').flatMap(parseLine) : text.split(/\n\s*\n/).flatMap(parseStanza)

const readSources = async (path: string): Promise<readonly AptSource[]> => {
  const style = path.endsWith('.list') ? 'list' : path.endsWith('.sources') ? 'sources' : undefined
  if (style === undefined) return []
  try {
    return parseAptSources(await readFile(path, 'utf8'), style)
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return []
    throw error
  }
}

const publicMirror = 'http://deb.debian.org/debian'
const publicSecurityMirror = 'http://deb.debian.org/debian-security'

const readAll = async (root: string): Promise<readonly AptSource[]> => {
  const parts = await readdir(join(root, 'sources.list.d')).catch(() => [])
  const paths = [join(root, 'sources.list'), ...parts.toSorted().map((name) => join(root, 'sources.list.d', name))]
  return (await Promise.all(paths.map(readSources))).flat()
}

/** One line of the new system's sources.list. */
export interface Archive {
  readonly uri: string
  readonly suite: string
}

/**
 * Where a suite, its updates and its security updates come from: the host's own mirror of it, or else its mirror of any
 * other suite, or else the public one. Not every suite has all three.
 */
export const debianArchives = async (suite: string, root = '/etc/apt'): Promise<readonly Archive[]> => {
  const sources = await readAll(root)
  const find = (wanted: string, place: RegExp, fallback: string): Archive => {
    // Other archives than Debian's own have other suites, even where the names are the same.
    const fitting = sources.filter(({ uri }) => place.test(uri))
    return {
      uri: (fitting.find(({ suites }) => suites.includes(wanted)) ?? fitting[0])?.uri ?? fallback,
      suite: wanted,
    }
  }
  return [
    find(suite, /\/debian$/, publicMirror),
    find(`${suite}-updates`, /\/debian$/, publicMirror),
    find(`${suite}-security`, /\/debian-security$/, publicSecurityMirror),
  ]
}
