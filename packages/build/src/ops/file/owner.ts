import { readFileSync, statSync } from 'node:fs'
import { invalid } from '@slipway/core'
import { resolveInRoot } from './resolve.ts'

export interface Owner {
  readonly uid: number
  readonly gid: number
}

export const root: Owner = { uid: 0, gid: 0 }

const highestId = 0xffff_fffe
const biggestFile = 1 << 20

/** The lines of /etc/passwd or /etc/group in the image, split at colons; none when there is no such file. */
const readTable = (rootfs: string, path: string): readonly (readonly string[])[] => {
  const file = resolveInRoot(rootfs, path, { followLast: true })
  const found = statSync(file, { throwIfNoEntry: false })
  if (found?.isFile() !== true || found.size > biggestFile) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
}

const parseId = (text: string): number | undefined => {
  if (!/^\d{1,10}$/.test(text)) return undefined
  const id = Number(text)
  return id <= highestId ? id : undefined
}

const fail = (what: string, name: string): never => {
  throw invalid(
    `unable to convert uid/gid chown string to host mapping: can't find ${what} for ${what === 'uid' ? 'user' : 'group'} ${name}: no such ${what === 'uid' ? 'user' : 'group'}: ${name}`,
  )
}

const findUser = (rootfs: string, name: string, mustExist: boolean): Owner => {
  const entry = readTable(rootfs, '/etc/passwd').find(([entry]) => entry === name)
  if (entry === undefined && !mustExist) return root
  const [, , uid = '', gid = ''] = entry ?? []
  return { uid: parseId(uid) ?? fail('uid', name), gid: parseId(gid) ?? fail('gid', name) }
}

/** Undefined: there is none. */
const findGroup = (rootfs: string, name: string, mustExist: boolean): number | undefined => {
  const entry = readTable(rootfs, '/etc/group').find(([entry]) => entry === name)
  if (entry === undefined && !mustExist) return undefined
  return parseId(entry?.[2] ?? '') ?? fail('gid', name)
}

/**
 * `user[:group]`, by number or by the names of the image. A number alone is the group's number too. As BuildKit has it, root is
 * taken for a user that isn't named or isn't there, and the user's group for another one, unless they must exist: then it throws
 * invalid, as for what is no number.
 */
export const resolveOwner = (rootfs: string, text: string, mustExist = false): Owner => {
  const [user = '', group] = text.split(':', 2)
  const uid = parseId(user)
  const named = () => (user === '' ? root : findUser(rootfs, user, mustExist))
  const owner = uid === undefined ? named() : { uid, gid: uid }
  if (group === undefined) return owner
  if (group === '') return { ...owner, gid: root.gid }
  return { ...owner, gid: parseId(group) ?? findGroup(rootfs, group, mustExist) ?? owner.gid }
}
