export { type ContainerCgroup, locateCgroup } from './cgroup/locate.ts'
export { readOomKills } from './cgroup/oom.ts'
export { wasKilledForMemory } from './cgroup/oom-log.ts'
export { type BlockIo, type CgroupStats, readCgroupStats } from './cgroup/stats.ts'
export { type ForegroundIo, type ForegroundOptions, ForegroundRuntime } from './foreground/run.ts'
export { chooseRuntimes } from './oci/choose.ts'
export { FilterCache } from './oci/filters.ts'
export { type OciRuntime, type OciRuntimes, runtimeNamed, singleRuntime } from './oci/runtimes.ts'
export type { FailureKind } from './shim/failure.ts'
export { ShimRuntime, type ShimRuntimeOptions } from './shim/runtime.ts'
export { buildSpec, cgroupsPath, defaultMaskedPaths, defaultReadonlyPaths } from './spec/build.ts'
export { type CapabilityChanges, capabilitySet, defaultCapabilities } from './spec/capabilities.ts'
export { type DeviceMapping, hostDevices, lookupDevices } from './spec/devices.ts'
export { defaultPath, processEnvironment } from './spec/environment.ts'
export { formatSpec } from './spec/format.ts'
export { type HostFacts, readHostFacts } from './spec/host.ts'
export type {
  NamespaceChoice,
  Propagation,
  SpecDevice,
  SpecInput,
  SpecMount,
  SpecResources,
  SpecRlimit,
} from './spec/input.ts'
export type { OciMount, OciProcess, OciSeccomp, OciSpec } from './spec/oci.ts'
export { defaultSeccomp } from './spec/seccomp-default.ts'
export { compileSeccomp, parseSeccompProfile, type SeccompProfile } from './spec/seccomp-profile.ts'
export { openStdio, reopenStdio, type Stdio, type StdioOptions } from './stdio/open.ts'
export type { Output } from './stdio/output.ts'
export { findUser, type ResolvedUser, type UserQuery } from './user/find.ts'
export { resolveUser } from './user/resolve.ts'
