/** Type flags of POSIX.1-2001 pax interchange. */
export type TarType = 'file' | 'hardlink' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo'

export interface TarMember {
  /** With forward slashes; a directory's ends with one. */
  readonly path: string
  readonly type: TarType
  /** Permission bits. */
  readonly mode: number
  /** Bytes. */
  readonly size: number
  /** Unix seconds. */
  readonly mtime: number
  /** Default: root's. */
  readonly owner?: { readonly uid: number; readonly gid: number }
  readonly linkname?: string
  readonly device?: { readonly major: number; readonly minor: number }
}

export const blockLength = 512

const flags: Readonly<Record<TarType, string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
}

const nameLength = 100
/** Eleven octal digits. */
const maximumSize = 0o77777777777
/** Seven of them. */
const maximumId = 0o7777777

const isPlain = (text: string, length: number): boolean =>
  Buffer.byteLength(text) <= length && /^[\x20-\x7e]*$/.test(text)

const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`

const block = (member: TarMember, flag: string): Buffer => {
  const header = Buffer.alloc(blockLength)
  const put = (text: string, at: number, length: number): void => {
    header.write(text.slice(0, length), at, length, 'latin1')
  }
  put(member.path, 0, nameLength)
  put(octal(member.mode & 0o7777, 8), 100, 8)
  put(octal(Math.min(member.owner?.uid ?? 0, maximumId), 8), 108, 8)
  put(octal(Math.min(member.owner?.gid ?? 0, maximumId), 8), 116, 8)
  put(octal(Math.min(member.size, maximumSize), 12), 124, 12)
  put(octal(Math.max(0, Math.floor(member.mtime)), 12), 136, 12)
  put(' '.repeat(8), 148, 8)
  put(flag, 156, 1)
  put(member.linkname ?? '', 157, nameLength)
  put('ustar\x0000', 257, 8)
  put(octal(member.device?.major ?? 0, 8), 329, 8)
  put(octal(member.device?.minor ?? 0, 8), 337, 8)
  const checksum = header.reduce((sum, byte) => sum + byte, 0)
  put(`${checksum.toString(8).padStart(6, '0')}\0 `, 148, 8)
  return header
}

/** `length key=value\n`, where the length counts itself. */
const paxRecord = (key: string, value: string): string => {
  const rest = ` ${key}=${value}\n`
  const restLength = Buffer.byteLength(rest)
  const guess = restLength + String(restLength).length
  return (String(guess).length === String(restLength).length ? guess : guess + 1) + rest
}

/** Zeros up to the next block. */
export const padding = (size: number): Buffer => Buffer.alloc((blockLength - (size % blockLength)) % blockLength)

const paxRecordsOf = (member: TarMember): string => {
  const records: string[] = []
  if (!isPlain(member.path, nameLength)) records.push(paxRecord('path', member.path))
  if (member.linkname !== undefined && !isPlain(member.linkname, nameLength)) {
    records.push(paxRecord('linkpath', member.linkname))
  }
  if (member.size > maximumSize) records.push(paxRecord('size', String(member.size)))
  const { uid = 0, gid = 0 } = member.owner ?? {}
  if (uid > maximumId) records.push(paxRecord('uid', String(uid)))
  if (gid > maximumId) records.push(paxRecord('gid', String(gid)))
  return records.join('')
}

/** The header of one member; what doesn't fit the old one goes into a pax header before it. */
export const encodeHeader = (member: TarMember): Buffer => {
  const header = block(member, flags[member.type])
  const records = Buffer.from(paxRecordsOf(member))
  if (records.length === 0) return header
  const pax = block({ path: 'PaxHeaders/x', type: 'file', mode: 0o644, size: records.length, mtime: 0 }, 'x')
  return Buffer.concat([pax, records, padding(records.length), header])
}

/** Two empty blocks. */
export const endOfArchive = Buffer.alloc(2 * blockLength)
