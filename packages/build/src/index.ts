export { type BuiltTarget, buildDockerfile, type PlannedBuild, planDockerfile, readDockerfile } from './build.ts'
export { readContextFile } from './context/read.ts'
export { type HeldFiles, ReceivedContexts, type Receiving, type SentEntry } from './context/received.ts'
export { applyChanges } from './dockerfile/changes.ts'
export { type Checked, checkDockerfile } from './dockerfile/check/check.ts'
export { describeRule, type Finding, type RuleName, ruleAddress } from './dockerfile/check/rules.ts'
export { parseIgnoreFile } from './dockerfile/ignore/file.ts'
export { parsePlatform } from './dockerfile/platform.ts'
export type { BuildClient, Vertex } from './graph/vertex.ts'
export { removeLeftovers } from './leftovers.ts'
export type { NamedVertex } from './names.ts'
export type { FileSource } from './ops/file/select.ts'
export { viewLayers } from './ops/layer.ts'
export type { RemoteFiles } from './ops/source.ts'
export { pruneBuilds } from './prune.ts'
export { type CachedLayers, cachedLayers } from './solver/cache.ts'
export { buildMigrations } from './solver/migrations.ts'
export type { Observer } from './solver/solver.ts'
export type {
  AttachedNetwork,
  BaseImage,
  BuildEvent,
  BuildImages,
  BuildRequest,
  BuildResult,
  BuildWorker,
  LoginSource,
  NamedContext,
  PullProgress,
  RegistryLogin,
  RemoteContext,
  ResolveObserver,
  ResolveOptions,
  SavedImage,
  StepNetwork,
  StepNetworks,
} from './worker.ts'
