import { invalid, messageOf } from '@slipway/core'
import type { HostFacts } from './host.ts'
import type { OciSeccomp, OciSeccompArgument, OciSeccompRule, SeccompAction } from './oci.ts'

/** When a rule counts: all of what is named must hold. */
export interface SeccompCondition {
  readonly caps?: readonly string[]
  /** Go's names: `amd64`. */
  readonly arches?: readonly string[]
  /** `4.8`. */
  readonly minKernel?: string
}

export interface SeccompProfileRule {
  readonly names?: readonly string[]
  /** The older form of `names`. */
  readonly name?: string
  readonly action: SeccompAction
  readonly errnoRet?: number
  readonly args?: readonly OciSeccompArgument[] | null
  readonly includes?: SeccompCondition
  readonly excludes?: SeccompCondition
}

/**
 * A profile in docker's format: OCI's, with conditions on the rules and architectures by family, so that one file serves
 * every machine and set of capabilities.
 */
export interface SeccompProfile {
  readonly defaultAction: SeccompAction
  readonly defaultErrnoRet?: number
  readonly architectures?: readonly string[]
  readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures?: readonly string[] | null }[]
  readonly flags?: readonly string[]
  readonly listenerPath?: string
  readonly listenerMetadata?: string
  readonly syscalls: readonly SeccompProfileRule[]
}

/** Reads `--security-opt seccomp=FILE`. Throws invalid in docker's words. */
export const parseSeccompProfile = (text: string): SeccompProfile => {
  const fail = (why: string): never => {
    throw invalid(`Decoding seccomp profile failed: ${why}`)
  }
  const profile = parseObject(text, fail)
  if (typeof profile.defaultAction !== 'string') fail('no defaultAction')
  if (profile.architectures?.length && profile.archMap?.length) {
    fail(
      "both 'architectures' and 'archMap' are specified in the seccomp profile, use either 'architectures' or 'archMap'",
    )
  }
  for (const { name, names } of profile.syscalls ?? []) {
    if (name && names?.length) {
      fail("both 'name' and 'names' are specified in the seccomp profile, use either 'name' or 'names'")
    }
  }
  return { ...profile, syscalls: profile.syscalls ?? [] }
}

const parseObject = (text: string, fail: (why: string) => never): SeccompProfile => {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as SeccompProfile
  } catch (error) {
    return fail(messageOf(error))
  }
  return fail('not a JSON object')
}

type CompileHost = Pick<HostFacts, 'architecture' | 'kernel'>

/** The profile as this container on this machine gets it. */
export const compileSeccomp = (
  profile: SeccompProfile,
  capabilities: readonly string[],
  host: CompileHost,
): OciSeccomp => {
  const { defaultAction, defaultErrnoRet, flags, listenerPath, listenerMetadata } = profile
  const architectures = architecturesOf(profile, host)
  return {
    defaultAction,
    ...(defaultErrnoRet === undefined ? {} : { defaultErrnoRet }),
    ...(architectures.length === 0 ? {} : { architectures }),
    ...(flags === undefined ? {} : { flags }),
    ...(listenerPath ? { listenerPath } : {}),
    ...(listenerMetadata ? { listenerMetadata } : {}),
    syscalls: profile.syscalls.filter((rule) => counts(rule, capabilities, host)).map(ociRule),
  }
}

/** libseccomp's names of the machines Go has names for. */
const families: Readonly<Record<string, string>> = {
  amd64: 'SCMP_ARCH_X86_64',
  arm64: 'SCMP_ARCH_AARCH64',
  riscv64: 'SCMP_ARCH_RISCV64',
  s390x: 'SCMP_ARCH_S390X',
  ppc64le: 'SCMP_ARCH_PPC64LE',
  loong64: 'SCMP_ARCH_LOONGARCH64',
}

const architecturesOf = ({ architectures, archMap = [] }: SeccompProfile, host: CompileHost): readonly string[] => {
  if (architectures?.length) return architectures
  const family = archMap.find(({ architecture }) => architecture === families[host.architecture])
  return family === undefined ? [] : [family.architecture, ...(family.subArchitectures ?? [])]
}

const counts = (
  { includes = {}, excludes = {} }: SeccompProfileRule,
  capabilities: readonly string[],
  host: CompileHost,
): boolean => {
  const { caps = [], arches = [], minKernel } = includes
  if (!caps.every((name) => capabilities.includes(name))) return false
  if (arches.length > 0 && !arches.includes(host.architecture)) return false
  if (minKernel !== undefined && !isAtLeast(host.kernel, minKernel)) return false
  if (excludes.caps?.some((name) => capabilities.includes(name))) return false
  if (excludes.arches?.includes(host.architecture)) return false
  return excludes.minKernel === undefined || !isAtLeast(host.kernel, excludes.minKernel)
}

const isAtLeast = (kernel: HostFacts['kernel'], wanted: string): boolean => {
  const [major = 0, minor = 0] = wanted.split('.').map(Number)
  return kernel.major > major || (kernel.major === major && kernel.minor >= minor)
}

const ociRule = ({ name, names, action, errnoRet, args }: SeccompProfileRule): OciSeccompRule => ({
  names: names?.length ? names : name ? [name] : [],
  action,
  ...(errnoRet === undefined ? {} : { errnoRet }),
  ...(args?.length ? { args } : {}),
})
