/** Entries of passwd(5) and group(5): only what a container's user is made from. */
export interface PasswdEntry {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
}

export interface GroupEntry {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

const lines = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))

/** Lines whose numbers are none are left out: nobody is to become root by a typing error. */
export const parsePasswd = (text: string): readonly PasswdEntry[] =>
  lines(text).flatMap((line) => {
    const [name = '', , uid, gid, , home = ''] = line.split(':')
    return isNumber(uid) && isNumber(gid) ? { name, uid: Number(uid), gid: Number(gid), home } : []
  })

export const parseGroup = (text: string): readonly GroupEntry[] =>
  lines(text).flatMap((line) => {
    const [name = '', , gid, members = ''] = line.split(':')
    return isNumber(gid)
      ? { name, gid: Number(gid), members: members.split(',').filter((member) => member !== '') }
      : []
  })

const isNumber = (text: string | undefined): text is string => text !== undefined && /^\d+$/.test(text)
