import { invalid } from '@slipway/core'

/** `key` to bytes. Values are raw: names need not be UTF-8, xattrs hold anything. */
export type PaxRecords = ReadonlyMap<string, Buffer>

const malformed = () => invalid('invalid tar header: malformed pax record')

/** Reads `"%d %s=%s\n"` records (POSIX.1-2017, pax, "pax Extended Header"). The values are views of `body`. */
export const parsePax = (body: Buffer): PaxRecords => {
  const records = new Map<string, Buffer>()
  const mapped: string[] = []
  let at = 0
  while (at < body.length && body[at] !== 0) {
    const blank = body.indexOf(0x20, at)
    const digits = blank === -1 ? '' : body.toString('latin1', at, blank)
    if (!/^[0-9]{1,9}$/.test(digits)) throw malformed()
    const end = at + Number(digits)
    const equals = body.indexOf(0x3d, blank)
    if (end > body.length || end <= blank + 1 || body[end - 1] !== 0x0a || equals === -1 || equals >= end) {
      throw malformed()
    }
    const key = body.toString('utf8', blank + 1, equals)
    const value = body.subarray(equals + 1, end - 1)
    if (isPartOfMap(key)) mapped.push(value.toString('latin1'))
    else records.set(key, value)
    at = end
  }
  if (mapped.length > 0) records.set('GNU.sparse.map', Buffer.from(mapped.join(',')))
  return records
}

/** GNU's sparse form 0.0 says where data lies in a pair of records for each part; here they become the one of form 0.1. */
const isPartOfMap = (key: string): boolean => key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes'

/** One record. Its length counts its own digits. */
export const paxRecord = (key: string, value: Buffer): Buffer => {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')])
  let length = rest.length + 1
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length
  return Buffer.concat([Buffer.from(String(length)), rest])
}

const xattrPrefix = 'SCHILY.xattr.'

/** An attribute's name can hold `=`, a key cannot: GNU tar's escapes. */
export const xattrKey = (name: string): string => xattrPrefix + name.replaceAll('%', '%25').replaceAll('=', '%3D')

/** The extended attributes among the records. */
export const xattrsOf = (records: PaxRecords): ReadonlyMap<string, Buffer> => {
  const xattrs = new Map<string, Buffer>()
  for (const [key, value] of records) {
    if (!key.startsWith(xattrPrefix)) continue
    const name = key.slice(xattrPrefix.length).replaceAll('%3D', '=').replaceAll('%25', '%')
    xattrs.set(name, Buffer.from(value))
  }
  return xattrs
}

const decimal = /^(-?)([0-9]{1,18})(?:\.([0-9]*))?$/

const parseDecimal = (records: PaxRecords, key: string): RegExpExecArray | undefined => {
  const value = records.get(key)
  if (value === undefined || value.length === 0) return undefined
  const parts = decimal.exec(value.toString('latin1'))
  if (parts === null) throw invalid(`invalid tar header: pax record ${key} is not a number`)
  return parts
}

/** A decimal number, perhaps with a fraction. Throws invalid. */
export const paxNumber = (records: PaxRecords, key: string): number | undefined => {
  const parts = parseDecimal(records, key)
  return parts && Number(parts[0])
}

/** A time in nanoseconds, of more digits the first nine; undefined when it has no fraction. Throws invalid. */
export const paxNanoseconds = (records: PaxRecords, key: string): bigint | undefined => {
  const [, sign = '', seconds = '', fraction = ''] = parseDecimal(records, key) ?? []
  if (fraction === '') return undefined
  const digits = `${seconds}${fraction.slice(0, 9).padEnd(9, '0')}`
  return BigInt(`${sign}${digits}`)
}
