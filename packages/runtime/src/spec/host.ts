import { existsSync, readFileSync } from 'node:fs'
import { arch, release } from 'node:os'
import { type CgroupMode, cgroupMode } from '@slipway/linux'
import { capabilitiesOfMask } from './capabilities.ts'
import { unlimited } from './format.ts'

/** What a spec depends on besides the container: read once, when the daemon starts. */
export interface HostFacts {
  readonly cgroup: CgroupMode
  /** Go's names: `amd64`, `arm64`. */
  readonly architecture: string
  readonly kernel: { readonly major: number; readonly minor: number }
  /** Those that this process may hand on. */
  readonly capabilities: readonly string[]
  /** By ulimit's names (`nofile`); 2^64 for unlimited. */
  readonly hardLimits: Readonly<Record<string, number>>
  /** The kernel accounts for swap. */
  readonly swapLimit: boolean
  /** Of docker's default sysctls, those that this kernel has. */
  readonly sysctls: Readonly<Record<string, string>>
  /** Paths of this machine that are to be masked besides docker's fixed ones. */
  readonly maskedPaths: readonly string[]
}

/** Unprivileged users in a container may use any port, and ping. */
const defaultSysctls = {
  'net.ipv4.ip_unprivileged_port_start': '0',
  'net.ipv4.ping_group_range': '0 2147483647',
} as const

const goArchitectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' }

export const readHostFacts = (): HostFacts => {
  const cgroup = cgroupMode()
  const [major = 0, minor = 0] = release().split('.').map(Number)
  const mask = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  return {
    cgroup,
    architecture: goArchitectures[arch()] ?? arch(),
    kernel: { major, minor },
    capabilities: capabilitiesOfMask(mask),
    hardLimits: parseHardLimits(readFileSync('/proc/self/limits', 'utf8')),
    swapLimit: cgroup === 'v2' || existsSync('/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes'),
    sysctls: Object.fromEntries(
      Object.entries(defaultSysctls).filter(([name]) => existsSync(`/proc/sys/${name.replaceAll('.', '/')}`)),
    ),
    maskedPaths: thermalThrottlePaths(),
  }
}

/** The lines of /proc/PID/limits, by ulimit's names. */
const limitNames: Readonly<Record<string, string>> = {
  'Max cpu time': 'cpu',
  'Max file size': 'fsize',
  'Max data size': 'data',
  'Max stack size': 'stack',
  'Max core file size': 'core',
  'Max resident set': 'rss',
  'Max processes': 'nproc',
  'Max open files': 'nofile',
  'Max locked memory': 'memlock',
  'Max address space': 'as',
  'Max file locks': 'locks',
  'Max pending signals': 'sigpending',
  'Max msgqueue size': 'msgqueue',
  'Max nice priority': 'nice',
  'Max realtime priority': 'rtprio',
  'Max realtime timeout': 'rttime',
}

const parseHardLimits = (text: string): Readonly<Record<string, number>> =>
  Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [, title = '', hard] = /^(\S.*?)\s{2,}\S+\s+(\S+)/.exec(line) ?? []
      const name = limitNames[title]
      return name === undefined ? [] : [[name, hard === 'unlimited' ? unlimited : Number(hard)]]
    }),
  )

/** They tell of the host's other loads (GHSA-6fw5-f8r9-fgfm). */
const thermalThrottlePaths = (): readonly string[] => {
  const [, last = '0'] = /(?:.*-)?(\d+)$/.exec(readFileSync('/sys/devices/system/cpu/possible', 'utf8').trim()) ?? []
  return Array.from(
    { length: Number(last) + 1 },
    (_, cpu) => `/sys/devices/system/cpu/cpu${cpu}/thermal_throttle`,
  ).filter((path) => existsSync(path))
}
