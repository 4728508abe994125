import { invalid } from '@slipway/core'
import { words } from './words.ts'

/** In the kernel's order (linux/capability.h): the index is the bit. */
const known = words(`
  CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE
  NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN
  SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE
  MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE
`).map((name) => `CAP_${name}`)

/** What a container has unless it is told otherwise: docker's set. */
export const defaultCapabilities: readonly string[] = words(`
  CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE
`).map((name) => `CAP_${name}`)

/** Names of the bits of a mask as in `CapBnd:` of /proc/PID/status. */
export const capabilitiesOfMask = (hex: string): readonly string[] => {
  const mask = BigInt(`0x${hex}`)
  return known.filter((_, bit) => ((mask >> BigInt(bit)) & 1n) === 1n)
}

export interface CapabilityChanges {
  readonly add?: readonly string[]
  readonly drop?: readonly string[]
  readonly privileged?: boolean
}

/**
 * The capabilities of a container: docker's rules for `--cap-add`, `--cap-drop` and `--privileged`. `available` is what the
 * daemon may hand on. Throws invalid, in docker's words, for names that aren't known or available.
 */
export const capabilitySet = (changes: CapabilityChanges, available: readonly string[]): readonly string[] => {
  const { privileged = false } = changes
  const add = normalize(changes.add ?? [], available, 'CapAdd')
  const drop = new Set(normalize(changes.drop ?? [], available, 'CapDrop'))
  if (privileged) return available
  if (add.includes('ALL')) return available.filter((name) => !drop.has(name))
  const kept = drop.has('ALL') ? [] : defaultCapabilities.filter((name) => !drop.has(name) && available.includes(name))
  return [...new Set([...kept, ...add])]
}

const normalize = (names: readonly string[], available: readonly string[], field: string): readonly string[] =>
  names.map((given) => {
    const upper = given.toUpperCase()
    if (upper === 'ALL') return upper
    const name = upper.startsWith('CAP_') ? upper : `CAP_${upper}`
    if (!known.includes(name)) throw invalid(`invalid ${field}: unknown capability: "${name}"`)
    if (available.includes(name)) return name
    throw invalid(
      `invalid ${field}: capability not supported by your kernel or not available in the current environment: "${name}"`,
    )
  })
