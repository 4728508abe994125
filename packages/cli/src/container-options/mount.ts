import { resolve } from 'node:path'
import type { MountKind, MountRequest, Propagation } from '@slipway/client'
import { parseSize } from '../flags/quantity.ts'

/** Fields of a line of CSV; a field in double quotes may hold commas. */
export const splitCsv = (line: string): readonly string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  )

type Draft = { -readonly [Name in keyof MountRequest]: MountRequest[Name] }
type Setter = (mount: Draft, value: string, key: string) => void

const readSwitch = (value: string, key: string): boolean => {
  if (value === '' || value === '1' || value === 'true') return true
  if (value === '0' || value === 'false') return false
  throw new Error(`invalid value for ${key}: ${value}`)
}

const setBind =
  (name: keyof NonNullable<MountRequest['BindOptions']>): Setter =>
  (mount, value, key) => {
    mount.BindOptions = { ...mount.BindOptions, [name]: readSwitch(value, key) }
  }

const recursion: Readonly<Record<string, MountRequest['BindOptions']>> = {
  enabled: {},
  disabled: { NonRecursive: true },
  writable: { ReadOnlyNonRecursive: true },
  readonly: { ReadOnlyForceRecursive: true },
}

const pair = (value: string): Readonly<Record<string, string>> => {
  const equals = value.indexOf('=')
  return equals === -1 ? { [value]: '' } : { [value.slice(0, equals)]: value.slice(equals + 1) }
}

const setSource: Setter = (mount, value) => {
  mount.Source = /^\.\.?(\/|$)/.test(value) ? resolve(value) : value
}
const setTarget: Setter = (mount, value) => {
  mount.Target = value
}
const setReadOnly: Setter = (mount, value, key) => {
  mount.ReadOnly = readSwitch(value, key)
}

const setters: Readonly<Record<string, Setter>> = {
  type: (mount, value) => {
    mount.Type = value.toLowerCase() as MountKind
  },
  source: setSource,
  src: setSource,
  target: setTarget,
  dst: setTarget,
  destination: setTarget,
  readonly: setReadOnly,
  ro: setReadOnly,
  consistency: (mount, value) => {
    mount.Consistency = value.toLowerCase()
  },
  'bind-propagation': (mount, value) => {
    mount.BindOptions = { ...mount.BindOptions, Propagation: value.toLowerCase() as Propagation }
  },
  'bind-nonrecursive': setBind('NonRecursive'),
  'bind-create-mountpoint': setBind('CreateMountpoint'),
  'bind-recursive': (mount, value, key) => {
    const options = recursion[value]
    if (options === undefined) {
      throw new Error(`invalid value for ${key}: ${value} (must be "enabled", "disabled", "writable", or "readonly")`)
    }
    mount.BindOptions = { ...mount.BindOptions, ...options }
  },
  'volume-subpath': (mount, value) => {
    mount.VolumeOptions = { ...mount.VolumeOptions, Subpath: value }
  },
  'volume-nocopy': (mount, value, key) => {
    mount.VolumeOptions = { ...mount.VolumeOptions, NoCopy: readSwitch(value, key) }
  },
  'volume-label': (mount, value) => {
    mount.VolumeOptions = { ...mount.VolumeOptions, Labels: { ...mount.VolumeOptions?.Labels, ...pair(value) } }
  },
  'volume-driver': (mount, value) => {
    mount.VolumeOptions = {
      ...mount.VolumeOptions,
      DriverConfig: { ...mount.VolumeOptions?.DriverConfig, Name: value },
    }
  },
  'volume-opt': (mount, value) => {
    const before = mount.VolumeOptions?.DriverConfig
    const Options = { ...before?.Options, ...pair(value) }
    mount.VolumeOptions = { ...mount.VolumeOptions, DriverConfig: { ...before, Options } }
  },
  'image-subpath': (mount, value) => {
    mount.ImageOptions = { Subpath: value }
  },
  'tmpfs-size': (mount, value) => {
    mount.TmpfsOptions = { ...mount.TmpfsOptions, SizeBytes: parseSize(value) }
  },
  'tmpfs-mode': (mount, value) => {
    if (!/^[0-7]+$/.test(value)) throw new Error(`invalid value for tmpfs-mode: ${value}`)
    mount.TmpfsOptions = { ...mount.TmpfsOptions, Mode: Number.parseInt(value, 8) }
  },
}

/** These are on when they are written alone. */
const mayStandAlone = new Set(['readonly', 'ro', 'volume-nocopy', 'bind-nonrecursive', 'bind-create-mountpoint'])

/** Options of one kind on a mount of another are a mistake. */
const check = (mount: Draft): MountRequest => {
  const { Type: kind = 'volume', Target: target } = mount
  if (target === '') throw new Error('target is required')
  const foreign = (
    [
      ['VolumeOptions', 'volume'],
      ['BindOptions', 'bind'],
      ['TmpfsOptions', 'tmpfs'],
      ['ImageOptions', 'image'],
    ] as const
  ).find(([options, owner]) => mount[options] !== undefined && owner !== kind)
  if (foreign !== undefined) throw new Error(`cannot mix '${foreign[1]}-*' options with mount type '${kind}'`)
  if (kind === 'bind' && mount.BindOptions?.ReadOnlyNonRecursive === true && mount.ReadOnly !== true) {
    throw new Error("option 'bind-recursive=writable' requires 'readonly' to be specified in conjunction")
  }
  return mount
}

/** Reads `--mount type=bind,source=/a,target=/b,readonly`. Throws an Error in docker's words. */
export const parseMount = (text: string): MountRequest => {
  const mount: Draft = { Type: 'volume', Target: '' }
  for (const field of splitCsv(text)) {
    const equals = field.indexOf('=')
    const key = (equals === -1 ? field : field.slice(0, equals)).trim().toLowerCase()
    const set = Object.hasOwn(setters, key) ? setters[key] : undefined
    if (equals === -1 && !mayStandAlone.has(key)) throw new Error(`invalid field '${field}' must be a key=value pair`)
    if (set === undefined) throw new Error(`unexpected key '${key}' in '${field}'`)
    set(mount, equals === -1 ? '' : field.slice(equals + 1), key)
  }
  return check(mount)
}
