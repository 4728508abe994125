import { invalid } from '@slipway/core'
import { type GroupEntry, type PasswdEntry, parseGroup, parsePasswd } from './passwd.ts'

/** Who a process is. */
export interface ResolvedUser {
  readonly uid: number
  readonly gid: number
  /** The gid itself first, then those of its groups: what docker gives. */
  readonly additionalGids: readonly number[]
  /** `/` when passwd doesn't know the user. */
  readonly home: string
}

export interface UserQuery {
  /** `name`, `uid`, `name:group`, `uid:gid`; '' is root. Numbers are never looked up as names. */
  readonly spec: string
  /** docker's `--group-add`: names or numbers. */
  readonly groupAdd?: readonly string[]
}

const maximumId = 2 ** 31 - 1

/**
 * Looks a user up in the texts of /etc/passwd and /etc/group; '' stands for a file that isn't there. Throws invalid in docker's
 * words for names that aren't found.
 */
export const findUser = ({ spec, groupAdd = [] }: UserQuery, passwd: string, group: string): ResolvedUser => {
  const groups = parseGroup(group)
  const [userPart = '', groupPart = ''] = splitOnce(spec)
  const user = lookupUser(userPart || '0', parsePasswd(passwd))
  const gid = groupPart === '' ? user.gid : lookupGroup(groupPart, groups)
  const own = groupPart === '' ? groups.filter(({ members }) => members.includes(user.name)).map(({ gid }) => gid) : []
  const added = groupAdd.map((name) => lookupGroup(name, groups))
  return { uid: user.uid, gid, additionalGids: [...new Set([gid, ...own, ...added])], home: user.home || '/' }
}

const splitOnce = (spec: string): readonly string[] => {
  const colon = spec.indexOf(':')
  return colon === -1 ? [spec] : [spec.slice(0, colon), spec.slice(colon + 1)]
}

const lookupUser = (wanted: string, users: readonly PasswdEntry[]): PasswdEntry => {
  const uid = numericId(wanted)
  const found = users.find((entry) => (uid === undefined ? entry.name === wanted : entry.uid === uid))
  if (found !== undefined) return found
  if (uid === undefined) throw invalid(`unable to find user ${wanted}: no matching entries in passwd file`)
  return { name: '', uid, gid: 0, home: '' }
}

const lookupGroup = (wanted: string, groups: readonly GroupEntry[]): number => {
  const gid = numericId(wanted)
  if (gid !== undefined) return gid
  const found = groups.find(({ name }) => name === wanted)
  if (found === undefined) throw invalid(`unable to find group ${wanted}: no matching entries in group file`)
  return found.gid
}

const numericId = (text: string): number | undefined => {
  if (!/^[+-]?\d+$/.test(text)) return undefined
  const id = Number(text)
  if (id < 0 || id > maximumId) throw invalid(`uids and gids must be in range 0-${maximumId}`)
  return id
}
