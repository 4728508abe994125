import { listOf } from '../container-options/create-flags.ts'
import { parseUlimit } from '../container-options/limits.ts'
import { integer, list, text, toggle, type Values } from '../flags/flag.ts'
import { size, sizeOrUnlimited } from '../flags/quantity.ts'

const array = (short: string, help: string) => list(short, help, { placeholder: 'stringArray' })
const hidden = { hidden: true } as const

/** docker's, but for the last two, which are our own. Hidden: the classic builder's, which limit what a step may use. */
export const buildFlags = {
  'add-host': list('', 'Add a custom host-to-IP mapping (format: "host:ip")', { placeholder: 'strings' }),
  allow: array('', 'Allow extra privileged entitlement (e.g., "network.host", "security.insecure", "device")'),
  annotation: array('', 'Add annotation to the image'),
  attest: array('', 'Attestation parameters (format: "type=sbom,generator=image")'),
  'build-arg': array('', 'Set build-time variables'),
  'build-context': array('', 'Additional build contexts (e.g., name=path)'),
  builder: text('', 'Override the configured builder instance'),
  'cache-from': array('', 'External cache sources (e.g., "user/app:cache", "type=local,src=path/to/dir")'),
  'cache-to': array('', 'Cache export destinations (e.g., "user/app:cache", "type=local,dest=path/to/dir")'),
  call: text('', 'Set method for evaluating build ("check", "outline", "targets")', { shownDefault: '"build"' }),
  'cgroup-parent': text('', 'Set the parent cgroup for the "RUN" instructions during build'),
  check: toggle('', 'Shorthand for "--call=check"'),
  debug: toggle('D', 'Enable debug logging'),
  file: text('f', 'Name of the Dockerfile (default: "PATH/Dockerfile")'),
  iidfile: text('', 'Write the image ID to a file'),
  label: array('', 'Set metadata for an image'),
  load: toggle('', 'Shorthand for "--output=type=docker"'),
  'metadata-file': text('', 'Write build result metadata to a file'),
  network: text('', 'Set the networking mode for the "RUN" instructions during build', { shownDefault: '"default"' }),
  'no-cache': toggle('', 'Do not use cache when building the image'),
  'no-cache-filter': array('', 'Do not cache specified stages'),
  output: array('o', 'Output destination (format: "type=local,dest=path")'),
  platform: array('', 'Set target platform for build'),
  progress: text(
    '',
    'Set type of progress output ("auto", "none",  "plain", "quiet", "rawjson", "tty"). Use plain to show container output',
    { shownDefault: '"auto"' },
  ),
  provenance: text('', 'Shorthand for "--attest=type=provenance"'),
  pull: toggle('', 'Always attempt to pull all referenced images'),
  push: toggle('', 'Shorthand for "--output=type=registry"'),
  quiet: toggle('q', 'Suppress the build output and print image ID on success'),
  sbom: text('', 'Shorthand for "--attest=type=sbom"'),
  secret: array('', 'Secret to expose to the build (format: "id=mysecret[,src=/local/secret]")'),
  'shm-size': size('', 'Shared memory size for build containers'),
  ssh: array('', 'SSH agent socket or keys to expose to the build (format: "default|<id>[=<socket>|<key>[,<key>]]")'),
  tag: array('t', 'Name and optionally a tag (format: "name:tag")'),
  target: text('', 'Set the target build stage to build'),
  ulimit: listOf('', 'Ulimit options', parseUlimit, { placeholder: 'ulimit', shownDefault: '[]' }),
  'cpu-period': integer('', 'Limit the CPU CFS (Completely Fair Scheduler) period', hidden),
  'cpu-quota': integer('', 'Limit the CPU CFS (Completely Fair Scheduler) quota', hidden),
  'cpu-shares': integer('c', 'CPU shares (relative weight)', hidden),
  'cpuset-cpus': text('', 'CPUs in which to allow execution (0-3, 0,1)', hidden),
  'cpuset-mems': text('', 'MEMs in which to allow execution (0-3, 0,1)', hidden),
  'force-rm': toggle('', 'Always remove intermediate containers', hidden),
  memory: size('m', 'Memory limit', hidden),
  'memory-swap': sizeOrUnlimited('', 'Swap limit equal to memory plus swap: -1 to enable unlimited swap', hidden),
  rm: toggle('', 'Remove intermediate containers after a successful build', { initial: true, ...hidden }),
  explain: toggle('', 'Tell of each step why it was or was not cached'),
  'shell-on-error': toggle('', 'Open a shell in what a step that fails leaves behind'),
} as const

export type BuildFlags = Values<typeof buildFlags>
