import type { DeviceRequest, MountRequest } from '@slipway/client'
import { type Flag, integer, list, makeFlag, text, toggle } from '../flags/flag.ts'
import { cpus, duration, size, sizeOrUnlimited } from '../flags/quantity.ts'
import { deviceRuleWord, dnsWord, environmentWord, hostWord, labelWord, sysctlWord } from './checked-words.ts'
import { parseGpus } from './gpus.ts'
import { parseThrottle, parseUlimit, parseWeight } from './limits.ts'
import { parseMount } from './mount.ts'
import { type NetworkChoice, parseNetwork } from './network.ts'

/** Repeated, each read by `parse`. */
export const listOf = <T>(
  short: string,
  help: string,
  parse: (value: string) => T,
  looks: { readonly placeholder?: string; readonly shownDefault?: string; readonly aliases?: readonly string[] } = {},
): Flag<readonly T[]> =>
  makeFlag<readonly T[]>(short, help, [], (value, before) => [...before, parse(value)], {
    placeholder: 'list',
    ...looks,
  })

const parseStream = (name: string): 'stdin' | 'stdout' | 'stderr' => {
  const stream = name.toLowerCase()
  if (stream === 'stdin' || stream === 'stdout' || stream === 'stderr') return stream
  throw new Error('valid streams are STDIN, STDOUT and STDERR')
}

const cgroupNamespaceHelp = `Cgroup namespace to use (host|private)
'host':    Run the container in the Docker host's cgroup namespace
'private': Run the container in its own private cgroup namespace
'':        Use the cgroup namespace as configured by the
           default-cgroupns-mode option on the daemon (default)`

/** What `create` and `run` have in common: docker's names, letters and words. */
export const createFlags = {
  'add-host': listOf('', 'Add a custom host-to-IP mapping (host:ip)', hostWord),
  annotation: list('', 'Add an annotation to the container (passed through to the OCI runtime)', {
    placeholder: 'map',
    shownDefault: 'map[]',
  }),
  attach: listOf('a', 'Attach to STDIN, STDOUT or STDERR', parseStream),
  'blkio-weight': integer('', 'Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)', {
    placeholder: 'uint16',
  }),
  'blkio-weight-device': listOf('', 'Block IO weight (relative device weight)', parseWeight, { shownDefault: '[]' }),
  'cap-add': list('', 'Add Linux capabilities'),
  'cap-drop': list('', 'Drop Linux capabilities'),
  'cgroup-parent': text('', 'Optional parent cgroup for the container'),
  cgroupns: text('', cgroupNamespaceHelp),
  cidfile: text('', 'Write the container ID to the file'),
  'cpu-period': integer('', 'Limit CPU CFS (Completely Fair Scheduler) period'),
  'cpu-quota': integer('', 'Limit CPU CFS (Completely Fair Scheduler) quota'),
  'cpu-rt-period': integer('', 'Limit CPU real-time period in microseconds'),
  'cpu-rt-runtime': integer('', 'Limit CPU real-time runtime in microseconds'),
  'cpu-shares': integer('c', 'CPU shares (relative weight)'),
  cpus: cpus('Number of CPUs'),
  'cpuset-cpus': text('', 'CPUs in which to allow execution (0-3, 0,1)'),
  'cpuset-mems': text('', 'MEMs in which to allow execution (0-3, 0,1)'),
  device: list('', 'Add a host device to the container'),
  'device-cgroup-rule': listOf('', 'Add a rule to the cgroup allowed devices list', deviceRuleWord),
  'device-read-bps': listOf('', 'Limit read rate (bytes per second) from a device', parseThrottle, {
    shownDefault: '[]',
  }),
  'device-read-iops': listOf('', 'Limit read rate (IO per second) from a device', parseThrottle, {
    shownDefault: '[]',
  }),
  'device-write-bps': listOf('', 'Limit write rate (bytes per second) to a device', parseThrottle, {
    shownDefault: '[]',
  }),
  'device-write-iops': listOf('', 'Limit write rate (IO per second) to a device', parseThrottle, {
    shownDefault: '[]',
  }),
  dns: listOf('', 'Set custom DNS servers', dnsWord),
  'dns-option': list('', 'Set DNS options', { aliases: ['dns-opt'] }),
  'dns-search': list('', 'Set custom DNS search domains'),
  domainname: text('', 'Container NIS domain name'),
  entrypoint: text('', 'Overwrite the default ENTRYPOINT of the image'),
  env: listOf('e', 'Set environment variables', environmentWord),
  'env-file': list('', 'Read in a file of environment variables'),
  expose: list('', 'Expose a port or a range of ports'),
  gpus: listOf<DeviceRequest>('', "GPU devices to add to the container ('all' to pass all GPUs)", parseGpus, {
    placeholder: 'gpu-request',
  }),
  'group-add': list('', 'Add additional groups to join'),
  'health-cmd': text('', 'Command to run to check health'),
  'health-interval': duration('Time between running the check (ms|s|m|h)'),
  'health-retries': integer('', 'Consecutive failures needed to report unhealthy'),
  'health-start-interval': duration('Time between running the check during the start period (ms|s|m|h)'),
  'health-start-period': duration(
    'Start period for the container to initialize before starting health-retries countdown (ms|s|m|h)',
  ),
  'health-timeout': duration('Maximum time to allow one check to run (ms|s|m|h)'),
  hostname: text('h', 'Container host name'),
  init: toggle('', 'Run an init inside the container that forwards signals and reaps processes'),
  interactive: toggle('i', 'Keep STDIN open even if not attached'),
  ip: text('', 'IPv4 address (e.g., 172.30.100.104)'),
  ip6: text('', 'IPv6 address (e.g., 2001:db8::33)'),
  ipc: text('', 'IPC mode to use'),
  isolation: text('', 'Container isolation technology'),
  label: listOf('l', 'Set meta data on a container', labelWord),
  'label-file': list('', 'Read in a line delimited file of labels'),
  link: list('', 'Add link to another container'),
  'link-local-ip': list('', 'Container IPv4/IPv6 link-local addresses'),
  'log-driver': text('', 'Logging driver for the container'),
  'log-opt': list('', 'Log driver options'),
  'mac-address': text('', 'Container MAC address (e.g., 92:d0:c6:0a:29:33)'),
  memory: size('m', 'Memory limit'),
  'memory-reservation': size('', 'Memory soft limit'),
  'memory-swap': sizeOrUnlimited('', "Swap limit equal to memory plus swap: '-1' to enable unlimited swap"),
  'memory-swappiness': integer('', 'Tune container memory swappiness (0 to 100)', { shownDefault: '-1' }),
  mount: listOf<MountRequest>('', 'Attach a filesystem mount to the container', parseMount, { placeholder: 'mount' }),
  name: text('', 'Assign a name to the container'),
  network: listOf<NetworkChoice>('', 'Connect a container to a network', parseNetwork, {
    placeholder: 'network',
    aliases: ['net'],
  }),
  'network-alias': list('', 'Add network-scoped alias for the container', { aliases: ['net-alias'] }),
  'no-healthcheck': toggle('', 'Disable any container-specified HEALTHCHECK'),
  'oom-kill-disable': toggle('', 'Disable OOM Killer'),
  'oom-score-adj': integer('', "Tune host's OOM preferences (-1000 to 1000)"),
  pid: text('', 'PID namespace to use'),
  'pids-limit': integer('', 'Tune container pids limit (set -1 for unlimited)'),
  platform: text('', 'Set platform if server is multi-platform capable'),
  privileged: toggle('', 'Give extended privileges to this container'),
  publish: list('p', "Publish a container's port(s) to the host"),
  'publish-all': toggle('P', 'Publish all exposed ports to random ports'),
  pull: makeFlag<string>('', 'Pull image before running ("always", "missing", "never")', 'missing', (value) => value, {
    placeholder: 'string',
    shownDefault: '"missing"',
  }),
  quiet: toggle('q', 'Suppress the pull output'),
  'read-only': toggle('', "Mount the container's root filesystem as read only"),
  restart: makeFlag<string>('', 'Restart policy to apply when a container exits', 'no', (value) => value, {
    placeholder: 'string',
    shownDefault: '"no"',
  }),
  rm: toggle('', 'Automatically remove the container and its associated anonymous volumes when it exits'),
  runtime: text('', 'Runtime to use for this container'),
  'security-opt': list('', 'Security Options'),
  'shm-size': size('', 'Size of /dev/shm'),
  'stop-signal': text('', 'Signal to stop the container'),
  'stop-timeout': integer('', 'Timeout (in seconds) to stop a container'),
  'storage-opt': list('', 'Storage driver options for the container'),
  sysctl: listOf('', 'Sysctl options', sysctlWord, { placeholder: 'map', shownDefault: 'map[]' }),
  tmpfs: list('', 'Mount a tmpfs directory'),
  tty: toggle('t', 'Allocate a pseudo-TTY'),
  ulimit: listOf('', 'Ulimit options', parseUlimit, { placeholder: 'ulimit', shownDefault: '[]' }),
  'use-api-socket': toggle('', 'Bind mount Docker API socket and required auth'),
  user: text('u', 'Username or UID (format: <name|uid>[:<group|gid>])'),
  userns: text('', 'User namespace to use'),
  uts: text('', 'UTS namespace to use'),
  volume: list('v', 'Bind mount a volume'),
  'volume-driver': text('', 'Optional volume driver for the container'),
  'volumes-from': list('', 'Mount volumes from the specified container(s)'),
  workdir: text('w', 'Working directory inside the container'),
} as const
