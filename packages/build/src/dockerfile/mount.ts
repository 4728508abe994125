import { posix } from 'node:path'
import { invalid } from '@slipway/core'
import { didYouMean } from './suggest.ts'

const mountTypes = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'] as const
const sharingModes = ['shared', 'private', 'locked'] as const
export type MountType = (typeof mountTypes)[number]
export type CacheSharing = (typeof sharingModes)[number]

/** What stands after `RUN --mount=`, read and checked. */
export interface MountText {
  readonly type: MountType
  /** A stage or an image; without one the build context, or for a cache nothing. */
  readonly from?: string
  readonly source?: string
  readonly target?: string
  readonly readonly: boolean
  readonly id?: string
  readonly sharing?: CacheSharing
  readonly required: boolean
  /** Bytes. */
  readonly size?: number
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  /** Of a secret: the variable it is put into. */
  readonly env?: string
}

/** A field while it is read; `type` holds what was said before it. */
interface Field {
  readonly key: string
  readonly value: string
  readonly text: string
  readonly type: MountType
}

type Reading = { -readonly [Key in keyof MountText]?: MountText[Key] }

const names = {
  src: 'source',
  dst: 'target',
  destination: 'target',
  ro: 'readonly',
  rw: 'readwrite',
} as const satisfies Record<string, string>

const canonical = (key: string): string => (Object.hasOwn(names, key) ? names[key as keyof typeof names] : key)

/** Splits at commas, but not inside of double quotes, which begin a field (RFC 4180). */
const splitFields = (text: string): readonly string[] => {
  if (text === '') throw invalid('failed to parse csv mounts: EOF')
  const fields: string[] = []
  const pattern = /(?:"((?:[^"]|"")*)"|([^,]*))(,|$)/y
  for (;;) {
    const [, quoted, plain, end] = pattern.exec(text) ?? []
    if (end === undefined || plain?.includes('"'))
      throw invalid('failed to parse csv mounts: bare " in non-quoted-field')
    fields.push(quoted?.replaceAll('""', '"') ?? plain ?? '')
    if (end === '') return fields
  }
}

const readBoolean = ({ key, value }: Field): boolean => {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(value)) return true
  if (/^(?:0|f|F|FALSE|false|False)$/.test(value)) return false
  throw invalid(`invalid value for ${key}: ${value}`)
}

const readOneOf = <Word extends string>(words: readonly Word[], what: string, { value }: Field): Word => {
  const word = words.find((known) => known === value.toLowerCase())
  if (word !== undefined) return word
  throw invalid(`unsupported ${what} ${JSON.stringify(value)}${didYouMean(value, words)}`)
}

const units: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4, p: 5 }

/** `64m` in bytes; the units are powers of 1024. */
const readSize = ({ key, value }: Field): number => {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgtp]?)i?b?$/i.exec(value) ?? []
  if (number === undefined) throw invalid(`invalid value for ${key}: ${value}`)
  return Math.trunc(Number(number) * 1024 ** (units[unit.toLowerCase()] ?? 0))
}

const readId = ({ key, value }: Field): number => {
  if (!/^\d{1,10}$/.test(value) || Number(value) > 0xffff_ffff) throw invalid(`invalid value ${value} for ${key}`)
  return Number(value)
}

const readMode = ({ key, value }: Field): number => {
  if (!/^[0-7]{1,10}$/.test(value)) throw invalid(`invalid value ${value} for ${key}`)
  return Number.parseInt(value, 8) & 0o7777
}

const unexpected = ({ key, type }: Field) => invalid(`unexpected key '${key}' for mount type '${type}'`)

const readers: Readonly<Record<string, (field: Field) => Reading>> = {
  type: (field) => ({ type: readOneOf(mountTypes, 'mount type', field) }),
  from: ({ value }) => ({ from: value }),
  source: ({ value }) => ({ source: value }),
  target: ({ value }) => ({ target: value }),
  readonly: (field) => ({ readonly: readBoolean(field) }),
  readwrite: (field) => ({ readonly: !readBoolean(field) }),
  required: (field) => {
    if (field.type !== 'secret' && field.type !== 'ssh') throw unexpected(field)
    return { required: readBoolean(field) }
  },
  size: (field) => {
    if (field.type !== 'tmpfs') throw unexpected(field)
    return { size: readSize(field) }
  },
  id: ({ value }) => ({ id: value }),
  sharing: (field) => ({ sharing: readOneOf(sharingModes, 'sharing value', field) }),
  mode: (field) => ({ mode: readMode(field) }),
  uid: (field) => ({ uid: readId(field) }),
  gid: (field) => ({ gid: readId(field) }),
  env: ({ value }) => ({ env: value }),
}

/** Those that may stand alone, and mean true then. */
const flags = ['readonly', 'readwrite', 'required']
const knownKeys = [...Object.keys(readers), ...Object.keys(names)]

const checkMount = (mount: MountText): void => {
  const { type } = mount
  if (type === 'bind' || type === 'tmpfs') {
    const [key] = (['mode', 'uid', 'gid'] as const).filter((name) => mount[name] !== undefined)
    if (key !== undefined) throw invalid(`${key} not allowed for ${JSON.stringify(type)} type mounts`)
  }
  if (type === 'secret') {
    if (mount.from) throw invalid('secret mount should not have a from')
    if (mount.sharing !== undefined) throw invalid('secret mount should not define sharing')
    if (!mount.source && !mount.target && !mount.id) {
      throw invalid('invalid secret mount. one of source, target required')
    }
    if (mount.source && mount.id) throw invalid("both source and id can't be set")
  }
  if (mount.sharing !== undefined && type !== 'cache') throw invalid(`invalid cache sharing set for ${type} mount`)
}

const splitField = (text: string): { readonly key: string; readonly value: string | undefined } => {
  const equals = text.indexOf('=')
  const key = (equals === -1 ? text : text.slice(0, equals)).toLowerCase()
  return { key, value: equals === -1 ? undefined : text.slice(equals + 1) }
}

/** Reads a mount, with `expand` for the variables in all values but `from`. Throws invalid in BuildKit's words. */
export const parseMount = (text: string, expand: (value: string) => string): MountText => {
  let read: Reading = {}
  for (const field of splitFields(text)) {
    const { key, value } = splitField(field)
    const reader = Object.hasOwn(readers, canonical(key)) ? readers[canonical(key)] : undefined
    if (value === undefined && !flags.includes(canonical(key))) {
      throw invalid(`invalid field '${field}' must be a key=value pair`)
    }
    if (reader === undefined) {
      throw invalid(`unexpected key '${key}' in '${field}'${didYouMean(key, knownKeys)}`)
    }
    const expanded = key === 'from' ? (value ?? '') : expand(value ?? 'true')
    read = { ...read, ...reader({ key, value: expanded, text: field, type: read.type ?? 'bind' }) }
  }
  const { type = 'bind' } = read
  const writable = type === 'cache' || type === 'tmpfs'
  const mount: MountText = { readonly: !writable, required: false, ...read, type }
  checkMount(mount)
  return mount
}

/** The stage or image that a mount reads, before anything is expanded. Throws invalid for a variable in it. */
export const mountSource = (text: string): { readonly name: string; readonly target: string } | undefined => {
  const fields = splitFields(text).map(splitField)
  const from = fields.findLast(({ key }) => key === 'from')?.value
  if (from !== undefined && /\$./.test(from)) {
    throw invalid("'from' doesn't support variable expansion, define alias stage instead")
  }
  const isTmpfs = fields.some(({ key, value }) => key === 'type' && value?.toLowerCase() === 'tmpfs')
  const target = fields.findLast(({ key }) => canonical(key) === 'target')?.value ?? ''
  return isTmpfs || !from ? undefined : { name: from, target }
}

/** Where a mount appears. Throws invalid for the root itself. */
export const mountTarget = (target: string, cwd: string): string => {
  const absolute = posix.resolve('/', cwd, target)
  if (absolute === '/') throw invalid(`invalid mount target ${JSON.stringify(absolute)}`)
  return absolute
}
