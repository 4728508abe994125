import { lstatSync, readdirSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { hasErrno, invalid } from '@slipway/core'
import { deviceParts } from '@slipway/linux'
import type { SpecDevice } from './input.ts'
import type { OciDevice, OciDeviceRule } from './oci.ts'

const allow = (type: 'c' | 'b', major: number, minor: number, access = 'rwm'): OciDeviceRule => ({
  allow: true,
  type,
  major,
  minor,
  access,
})

/** Nothing but zero, null, urandom, random, tty and console; runc adds the rest of config-linux.md's default devices. */
const defaultRules: readonly OciDeviceRule[] = [
  { allow: false, access: 'rwm' },
  allow('c', 1, 5),
  allow('c', 1, 3),
  allow('c', 1, 9),
  allow('c', 1, 8),
  allow('c', 5, 0),
  allow('c', 5, 1),
  // fuse: denied in so many words, since runc's own defaults once allowed it
  { ...allow('c', 10, 229), allow: false },
]

/** The device cgroup of a container, in the order the kernel applies it. */
export const deviceRules = (
  devices: readonly SpecDevice[],
  cgroupRules: readonly string[],
  privileged: boolean,
): readonly OciDeviceRule[] => {
  if (privileged) return [{ allow: true, access: 'rwm' }]
  const ofDevices = devices.flatMap(({ device, permissions }) =>
    device.type === 'p' ? [] : [allow(device.type, device.major, device.minor, permissions)],
  )
  return [...defaultRules, ...ofDevices, ...cgroupRules.map(parseDeviceRule)]
}

const rulePattern = /^([acb]) ([0-9]+|\*):([0-9]+|\*) ([rwm]{1,3})$/

/** `c 1:3 mr`, `b *:* r`. Throws invalid in docker's words. */
const parseDeviceRule = (rule: string): OciDeviceRule => {
  const [, type, major, minor, access] = rulePattern.exec(rule) ?? []
  if (access === undefined) throw invalid(`invalid device cgroup rule format: '${rule}'`)
  return {
    allow: true,
    type: type as 'a' | 'c' | 'b',
    ...(major === '*' ? {} : { major: Number(major) }),
    ...(minor === '*' ? {} : { minor: Number(minor) }),
    access,
  }
}

export interface DeviceMapping {
  readonly pathOnHost: string
  readonly pathInContainer: string
  /** Letters of `rwm`; docker's default is all. */
  readonly permissions: string
}

/** A device, or those of a directory (`/dev/snd`), for a container. Throws invalid in docker's words. */
export const lookupDevices = ({ pathOnHost, pathInContainer, permissions }: DeviceMapping): readonly SpecDevice[] => {
  const stats = statOrUndefined(pathOnHost, statSync)
  const found = stats === undefined ? undefined : ociDevice(pathInContainer, stats)
  if (found !== undefined) return [{ device: found, permissions }]
  const below = stats?.isDirectory() ? walkDevices(pathOnHost, pathInContainer) : []
  if (below.length > 0) return below.map((device) => ({ device, permissions }))
  const why = stats === undefined ? 'no such file or directory' : 'not a device node'
  throw invalid(`error gathering device information while adding custom device "${pathOnHost}": ${why}`)
}

/** Every device of the host: what a privileged container sees. */
export const hostDevices = (): readonly SpecDevice[] =>
  walkDevices('/dev', '/dev').map((device) => ({ device, permissions: 'rwm' }))

/** Places in /dev that are file systems of their own, or that the runtime makes for each container. */
const notCopied = new Set(['pts', 'shm', 'fd', 'mqueue', '.lxc', '.lxd-mounts', '.udev', 'console'])

const walkDevices = (directory: string, target: string): readonly OciDevice[] =>
  readdirSync(directory).flatMap((name) => {
    if (directory === '/dev' && notCopied.has(name)) return []
    const stats = statOrUndefined(join(directory, name), lstatSync)
    if (stats === undefined) return []
    if (stats.isDirectory()) return walkDevices(join(directory, name), join(target, name))
    return ociDevice(join(target, name), stats) ?? []
  })

const ociDevice = (path: string, stats: Stats): OciDevice | undefined => {
  const type = stats.isCharacterDevice() ? 'c' : stats.isBlockDevice() ? 'b' : undefined
  if (type === undefined) return undefined
  const { major, minor } = deviceParts(stats.rdev)
  return { path, type, major, minor, fileMode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid }
}

const statOrUndefined = (path: string, stat: (path: string) => Stats): Stats | undefined => {
  try {
    return stat(path)
  } catch (error) {
    if (hasErrno(error, 'ENOENT') || hasErrno(error, 'ENOTDIR')) return undefined
    throw error
  }
}
