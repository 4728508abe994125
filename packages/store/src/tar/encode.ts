import { isAscii, isUtf8 } from 'node:buffer'
import { blockSize, checksumOf, fields, paddingOf, type TarHeader, type TarType } from './header.ts'
import { paxRecord, xattrKey } from './pax.ts'

const flags: Readonly<Record<TarType, string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  char: '3',
  block: '4',
  directory: '5',
  fifo: '6',
}

const nothing = Buffer.alloc(0)

/** What ends an archive. */
export const tarEnd = Buffer.alloc(2 * blockSize)

/** The largest number that `length` bytes hold as octal digits and a NUL. */
const largest = (length: number): number => 8 ** (length - 1) - 1

const setNumber = (block: Buffer, [offset, length]: readonly [number, number], value: number): void => {
  const fits = value >= 0 && value <= largest(length)
  let rest = fits ? value : 0
  // Digit by digit: a layer has seven of these for each of its files.
  for (let at = offset + length - 2; at >= offset; at -= 1) {
    block[at] = 0x30 + (rest % 8)
    rest = Math.floor(rest / 8)
  }
}

/** Splits a long name at a slash into ustar's prefix and name; undefined when none is in the right place. */
const splitName = (name: Buffer): readonly [prefix: Buffer, name: Buffer] | undefined => {
  if (name.length <= 100) return [nothing, name]
  const slash = name.lastIndexOf(0x2f, Math.min(155, name.length - 2))
  if (slash <= 0 || name.length - slash - 1 > 100) return undefined
  return [name.subarray(0, slash), name.subarray(slash + 1)]
}

/**
 * The records for what a ustar header can't hold, in a fixed order. Names in UTF-8 beyond ASCII go into a record, as Go
 * writes them; names that are no UTF-8 stay raw in the header while they fit, since some readers recode records.
 */
const paxRecords = (header: TarHeader): Buffer => {
  const records: Buffer[] = []
  const text = (key: string, bytes: Buffer, fits: boolean): void => {
    if (!fits || (!isAscii(bytes) && isUtf8(bytes))) records.push(paxRecord(key, bytes))
  }
  const number = (key: string, value: number, length: number): void => {
    if (value < 0 || value > largest(length)) records.push(paxRecord(key, Buffer.from(String(value))))
  }
  text('path', header.name, splitName(header.name) !== undefined)
  text('linkpath', header.linkname, header.linkname.length <= 100)
  number('uid', header.uid, 8)
  number('gid', header.gid, 8)
  number('size', header.size, 12)
  number('mtime', Math.floor(header.mtime), 12)
  for (const name of header.xattrs.size === 0 ? [] : [...header.xattrs.keys()].sort()) {
    records.push(paxRecord(xattrKey(name), header.xattrs.get(name) as Buffer))
  }
  return records.length === 0 ? nothing : Buffer.concat(records)
}

const headerBlock = (header: TarHeader, flag: string): Buffer => {
  // Out of the pool: memory of its own for each would take longer than all the rest.
  const block = Buffer.allocUnsafe(blockSize).fill(0)
  const [prefix, name] = splitName(header.name) ?? [undefined, header.name.subarray(0, 100)]
  name.copy(block, fields.name[0])
  prefix?.copy(block, fields.prefix[0])
  header.linkname.copy(block, fields.linkname[0], 0, 100)
  setNumber(block, fields.mode, header.mode)
  setNumber(block, fields.uid, header.uid)
  setNumber(block, fields.gid, header.gid)
  setNumber(block, fields.size, header.size)
  setNumber(block, fields.mtime, Math.floor(header.mtime))
  setNumber(block, fields.devMajor, header.devMajor)
  setNumber(block, fields.devMinor, header.devMinor)
  block.write(`${flag}`, fields.type[0], 'latin1')
  block.write('ustar\x0000', fields.magic[0], 'latin1')
  block.write(`${checksumOf(block).toString(8).padStart(6, '0')}\0 `, fields.checksum[0], 'latin1')
  return block
}

/**
 * The header blocks of one entry: ustar, with a pax header in front only where something doesn't fit. The same header
 * always gives the same bytes. Times are whole seconds, as in docker's layers, so that diffIDs don't hang on the
 * precision of the file system they were made on.
 */
export const encodeHeader = (header: TarHeader): Buffer => {
  const records = paxRecords(header)
  const block = headerBlock(header, flags[header.type])
  if (records.length === 0) return block
  const paxHeader: TarHeader = {
    ...header,
    name: Buffer.from('PaxHeaders.0/entry'),
    linkname: nothing,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    devMajor: 0,
    devMinor: 0,
    size: records.length,
  }
  return Buffer.concat([headerBlock(paxHeader, 'x'), records, tarEnd.subarray(0, paddingOf(records.length)), block])
}
