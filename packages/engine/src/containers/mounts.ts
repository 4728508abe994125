import { mkdir, stat } from 'node:fs/promises'
import { posix } from 'node:path'
import type { HostConfig, MountPoint, MountRequest } from '@slipway/client'
import { hasErrno, invalid } from '@slipway/core'
import type { Propagation, SpecMount } from '@slipway/runtime'
import { assertPropagates } from './propagation.ts'

interface Bind {
  readonly source: string
  readonly destination: string
  /** As written: `ro,z`. */
  readonly mode: string
  readonly readonly: boolean
  readonly propagation: Propagation
  /** `-v` makes a missing source directory, `--mount` doesn't. */
  readonly createSource: boolean
}

const propagations: readonly string[] = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave']
const otherModes: readonly string[] = ['rw', 'ro', 'z', 'Z', 'nocopy', 'cached', 'delegated', 'consistent', '']

const isPropagation = (word: string): word is Propagation => propagations.includes(word)

/** Reads `source:destination[:mode]`. Throws invalid in docker's words; names of volumes are refused for now. */
export const parseBind = (text: string): Bind => {
  const [source = '', destination = '', mode = '', ...rest] = text.split(':')
  const bad = (): never => {
    throw invalid(`invalid volume specification: '${text}'`)
  }
  if (rest.length > 0 || destination === '') bad()
  if (!posix.isAbsolute(destination))
    throw invalid(
      `invalid volume specification: '${text}': invalid mount config for type "bind": invalid mount path: '${destination}' mount path must be absolute`,
    )
  if (posix.normalize(destination) === '/')
    throw invalid(
      `invalid volume specification: '${text}': invalid mount config for type "bind": invalid specification: destination can't be '/'`,
    )
  const words = mode.split(',')
  const unknown = words.find((word) => !isPropagation(word) && !otherModes.includes(word))
  if (unknown !== undefined) throw invalid(`invalid mode: ${mode}`)
  if (!posix.isAbsolute(source))
    throw invalid(`named volumes ("${source}") are not supported by this engine yet: give an absolute path`)
  return {
    source: posix.normalize(source),
    destination: posix.normalize(destination),
    mode,
    readonly: words.includes('ro'),
    propagation: words.find(isPropagation) ?? 'rprivate',
    createSource: true,
  }
}

const bindOfRequest = (request: MountRequest): Bind => {
  const { Source = '', Target, ReadOnly = false, BindOptions } = request
  if (!posix.isAbsolute(Source))
    throw invalid(`invalid mount config for type "bind": invalid mount path: '${Source}' mount path must be absolute`)
  if (!posix.isAbsolute(Target))
    throw invalid(`invalid mount config for type "bind": invalid mount path: '${Target}' mount path must be absolute`)
  return {
    source: posix.normalize(Source),
    destination: posix.normalize(Target),
    mode: '',
    readonly: ReadOnly,
    propagation: BindOptions?.Propagation || 'rprivate',
    createSource: BindOptions?.CreateMountpoint ?? false,
  }
}

const bindsOf = (host: HostConfig): readonly Bind[] => [
  ...(host.Binds ?? []).map(parseBind),
  ...(host.Mounts ?? []).filter(({ Type }) => Type === 'bind').map(bindOfRequest),
]

const tmpfsOf = (host: HostConfig): readonly SpecMount[] => [
  ...Object.entries(host.Tmpfs ?? {}).map(([destination, options]) => ({
    kind: 'tmpfs' as const,
    destination,
    options: options.split(',').filter(Boolean),
  })),
  ...(host.Mounts ?? [])
    .filter(({ Type }) => Type === 'tmpfs')
    .map(({ Target, ReadOnly, TmpfsOptions }) => ({
      kind: 'tmpfs' as const,
      destination: Target,
      options: [
        ...(TmpfsOptions?.SizeBytes ? [`size=${TmpfsOptions.SizeBytes}`] : []),
        ...(TmpfsOptions?.Mode ? [`mode=${TmpfsOptions.Mode.toString(8)}`] : []),
        ...(ReadOnly ? ['ro'] : []),
      ],
    })),
]

const ensureSource = async ({ source, createSource }: Bind): Promise<void> => {
  try {
    await stat(source)
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error
    if (!createSource) throw invalid(`invalid mount config for type "bind": bind source path does not exist: ${source}`)
    await mkdir(source, { recursive: true })
  }
}

/** What `-v`, `--mount` and `--tmpfs` ask for, ready to be mounted. Makes missing sources of `-v`, as docker does. */
export const specMounts = async (host: HostConfig): Promise<readonly SpecMount[]> => {
  const binds = bindsOf(host)
  for (const bind of binds) {
    await ensureSource(bind)
    assertPropagates(bind.source, bind.propagation)
  }
  return [
    ...binds.map(({ source, destination, readonly, propagation }) => ({
      kind: 'bind' as const,
      source,
      destination,
      readonly,
      propagation,
    })),
    ...tmpfsOf(host),
  ]
}

/** As `inspect` shows them. */
export const mountPoints = (host: HostConfig): readonly MountPoint[] => [
  ...bindsOf(host).map(({ source, destination, mode, readonly, propagation }) => ({
    Type: 'bind' as const,
    Source: source,
    Destination: destination,
    Mode: mode,
    RW: !readonly,
    Propagation: propagation,
  })),
  ...(host.Mounts ?? [])
    .filter(({ Type }) => Type === 'tmpfs')
    .map(({ Target, ReadOnly = false }) => ({
      Type: 'tmpfs' as const,
      Source: '',
      Destination: Target,
      Mode: '',
      RW: !ReadOnly,
      Propagation: '',
    })),
]
