import { posix } from 'node:path'
import type { HostConfig, MountRequest } from '@slipway/client'
import { invalid, messageOf } from '@slipway/core'
import type { Propagation } from '@slipway/runtime'
import type { WantedVolume } from '../../volumes/volumes.ts'
import type { BindMount, ImageMount, TmpfsMount, VolumeMount } from './mount.ts'

/** A volume that is asked for: which one, and what to make it with when it isn't there. */
export interface AskedVolume extends Omit<VolumeMount, 'name' | 'anonymous'> {
  readonly wanted: WantedVolume
}

/** An image that is asked for: which one it is, is still to be found out. */
export type AskedImage = Omit<ImageMount, 'imageId' | 'chainId'>

export type AskedMount = BindMount | TmpfsMount | AskedVolume | AskedImage

const propagations: readonly string[] = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave']
/** Of each only one may be said. */
const modeWords: readonly (readonly string[])[] = [
  ['rw', 'ro'],
  ['z', 'Z'],
  ['nocopy'],
  ['cached', 'delegated', 'consistent'],
  propagations,
]

const isPropagation = (word: string): word is Propagation => propagations.includes(word)

/** The words of a mode. Throws invalid in docker's words. */
export const parseMode = (mode: string): readonly string[] => {
  if (!isMode(mode)) throw invalid(`invalid mode: ${mode}`)
  return mode.split(',')
}

const isMode = (text: string): boolean => {
  if (text === '') return true
  const kinds = text.split(',').map((word) => modeWords.findIndex((kind) => kind.includes(word)))
  return !kinds.includes(-1) && new Set(kinds).size === kinds.length
}

/** Throws invalid in docker's words. */
const checkTarget = (type: string, target = ''): string => {
  const fail = (problem: string): never => {
    throw invalid(`invalid mount config for type "${type}": ${problem}`)
  }
  if (target === '') fail('field Target must not be empty')
  if (posix.normalize(target).replace(/\/$/, '') === '') fail("invalid specification: destination can't be '/'")
  if (!posix.isAbsolute(target)) fail(`invalid mount path: '${target}' mount path must be absolute`)
  return cleanPath(target)
}

export const cleanPath = (path: string): string => posix.normalize(path).replace(/(?<=.)\/$/, '')

/** Reads `source:destination[:mode]`; a source that is no path names a volume. Throws invalid in docker's words. */
export const parseBind = (text: string, driver?: string): BindMount | AskedVolume => {
  const parts = text.split(':')
  const [source = '', target = '', mode = ''] = parts.length === 1 ? ['', ...parts] : parts
  if (parts.length > 3 || parts[0] === '' || target === '' || (parts.length === 2 && isMode(target))) {
    throw invalid(`invalid volume specification: '${text}'`)
  }
  const words = parseMode(mode)
  const propagation = words.find(isPropagation)
  const place = { mode, readonly: words.includes('ro') }
  try {
    if (posix.isAbsolute(source)) {
      const destination = checkTarget('bind', target)
      if (words.includes('nocopy')) {
        throw invalid('invalid mount config for type "bind": field VolumeOptions must not be specified')
      }
      const bind = { propagation: propagation ?? 'rprivate', createSource: true }
      return { type: 'bind', source: cleanPath(source), destination, ...place, ...bind }
    }
    const destination = checkTarget('volume', target)
    if (propagation !== undefined) {
      throw invalid('invalid mount config for type "volume": field BindOptions must not be specified')
    }
    const copy = !words.includes('nocopy')
    return askedVolume({ type: 'volume', destination, ...place, copy, subpath: '', wanted: { name: source, driver } })
  } catch (error) {
    throw invalid(`invalid volume specification: '${text}': ${messageOf(error)}`, error)
  }
}

const checkSubpath = (type: string, subpath: string): void => {
  if (!posix.isAbsolute(subpath) && !/^\.\.(\/|$)/.test(posix.normalize(subpath || '.'))) return
  throw invalid(`invalid mount config for type "${type}": subpath must be a relative path within the volume`)
}

const askedVolume = (asked: AskedVolume): AskedVolume => {
  const { wanted, readonly, subpath } = asked
  const fail = (problem: string): never => {
    throw invalid(`invalid mount config for type "volume": ${problem}`)
  }
  if (!wanted.name && readonly) fail('must not set ReadOnly mode when using anonymous volumes')
  if (!wanted.name && subpath) fail('must not set Subpath when using anonymous volumes')
  checkSubpath('volume', subpath)
  return { ...asked, wanted: { ...wanted, name: wanted.name || undefined, driver: wanted.driver || undefined } }
}

const requestedBind = (request: MountRequest): BindMount => {
  const { Source = '', Target, ReadOnly = false, BindOptions } = request
  const destination = checkTarget('bind', Target)
  if (Source === '') throw invalid('invalid mount config for type "bind": field Source must not be empty')
  if (!posix.isAbsolute(Source))
    throw invalid(`invalid mount config for type "bind": invalid mount path: '${Source}' mount path must be absolute`)
  const propagation = BindOptions?.Propagation || 'rprivate'
  if (!isPropagation(propagation)) {
    throw invalid(`invalid mount config for type "bind": invalid propagation mode: ${propagation}`)
  }
  return {
    type: 'bind',
    source: cleanPath(Source),
    destination,
    mode: '',
    readonly: ReadOnly,
    propagation,
    createSource: BindOptions?.CreateMountpoint ?? false,
    ...(BindOptions?.NonRecursive ? { nonRecursive: true } : {}),
  }
}

const requestedVolume = (request: MountRequest, driver: string | undefined): AskedVolume => {
  const { Source = '', Target, ReadOnly = false, VolumeOptions = {} } = request
  const { NoCopy = false, Labels, Subpath = '', DriverConfig } = VolumeOptions
  return askedVolume({
    type: 'volume',
    destination: checkTarget('volume', Target),
    // As docker shows it, also where it has no name.
    mode: 'z',
    readonly: ReadOnly,
    copy: !NoCopy,
    subpath: Subpath,
    wanted: { name: Source, driver: DriverConfig?.Name || driver, options: DriverConfig?.Options, labels: Labels },
  })
}

/** Of `TmpfsOptions.Options` docker knows these only. Throws invalid in its words. */
const tmpfsOptions = (options: readonly (readonly string[])[]): readonly string[] =>
  options.map((option) => {
    const [name = ''] = option
    const fail = (problem: string): never => {
      throw invalid(`invalid mount config for type "tmpfs": ${problem}`)
    }
    if (option.length < 1 || option.length > 2) fail('invalid option array length')
    return option.length === 1 && ['exec', 'noexec'].includes(name)
      ? name
      : fail(`invalid option: ${name.slice(0, 80)}`)
  })

const requestedTmpfs = ({ Target, ReadOnly = false, TmpfsOptions, Source }: MountRequest): TmpfsMount => {
  if (Source) throw invalid('invalid mount config for type "tmpfs": field Source must not be specified')
  return {
    type: 'tmpfs',
    destination: checkTarget('tmpfs', Target),
    mode: '',
    readonly: ReadOnly,
    options: [
      ...(TmpfsOptions?.SizeBytes ? [`size=${TmpfsOptions.SizeBytes}`] : []),
      ...(TmpfsOptions?.Mode ? [`mode=${TmpfsOptions.Mode.toString(8)}`] : []),
      ...tmpfsOptions(TmpfsOptions?.Options ?? []),
      ...(ReadOnly ? ['ro'] : []),
    ],
  }
}

const requestedImage = ({ Source = '', Target, ImageOptions }: MountRequest): AskedImage => {
  const destination = checkTarget('image', Target)
  if (Source === '') throw invalid('invalid mount config for type "image": field Source must not be empty')
  const subpath = ImageOptions?.Subpath ?? ''
  checkSubpath('image', subpath)
  return { type: 'image', destination, mode: '', readonly: true, name: Source, subpath }
}

const optionsOf = { BindOptions: 'bind', VolumeOptions: 'volume', TmpfsOptions: 'tmpfs' } as const
const knownTypes: readonly string[] = [...Object.values(optionsOf), 'image']

const requested = (request: MountRequest, driver: string | undefined): AskedMount => {
  for (const field of ['BindOptions', 'VolumeOptions', 'TmpfsOptions'] as const) {
    if (!knownTypes.includes(request.Type ?? '') || optionsOf[field] === request.Type || !request[field]) continue
    throw invalid(`${field} must not be specified on mount type ${JSON.stringify(request.Type)}`)
  }
  if (request.ImageOptions && request.Type !== 'image') {
    const type = JSON.stringify((request.Type ?? '').slice(0, 80))
    throw invalid(`invalid mount config for type ${type}: field ImageOptions must not be specified`)
  }
  if (request.Type === 'image') return requestedImage(request)
  if (request.Type === 'bind') return requestedBind(request)
  if (request.Type === 'tmpfs') return requestedTmpfs(request)
  if (request.Type === 'volume') return requestedVolume(request, driver)
  const type = request.Type ?? ''
  if (!request.Target) {
    throw invalid(`invalid mount config for type ${JSON.stringify(type.slice(0, 80))}: field Target must not be empty`)
  }
  throw invalid(`invalid mount config for type ${JSON.stringify(type.slice(0, 80))}: mount type unknown`)
}

/** Of mount(8), and of tmpfs(5) those with a value: what docker lets through. */
const tmpfsFlags =
  /^(defaults|r[ow]|a?sync|dirsync|remount|(no)?(exec|suid|dev|mand|atime|diratime|relatime|strictatime|swap)|r?(bind|private|slave|shared|unbindable))$/
const tmpfsValues = /^(size|mode|uid|gid|nr_inodes|nr_blocks|mpol)=/

/** `--tmpfs`. Throws invalid in docker's words. */
export const checkTmpfs = (tmpfs: HostConfig['Tmpfs']): void => {
  for (const [path, options] of Object.entries(tmpfs ?? {})) {
    if (!posix.isAbsolute(path)) throw invalid(`invalid mount path: '${path}' mount path must be absolute`)
    if (cleanPath(path) === '/') throw invalid("invalid specification: destination can't be '/'")
    for (const option of options.split(',')) {
      if (option === '' || tmpfsFlags.test(option) || tmpfsValues.test(option)) continue
      throw invalid(`invalid tmpfs option ${JSON.stringify(option.split('=')[0]?.slice(0, 80))}`)
    }
  }
}

/** What `-v` and `--mount` ask for. Throws invalid in docker's words, also for two at one place. */
export const askedMounts = (host: HostConfig): readonly AskedMount[] => {
  const driver = host.VolumeDriver || undefined
  const asked = [
    ...(host.Binds ?? []).map((bind) => parseBind(bind, driver)),
    ...(host.Mounts ?? []).map((request) => requested(request, driver)),
  ]
  const seen = new Set(Object.keys(host.Tmpfs ?? {}).map(cleanPath))
  for (const { destination } of asked) {
    if (seen.has(destination)) throw invalid(`Duplicate mount point: ${destination}`)
    seen.add(destination)
  }
  return asked
}
