export { buildDockerfile, readDockerfile } from './build.ts'
export { readContextFile } from './context.ts'
export { applyChanges } from './dockerfile/changes.ts'
export { type Checked, checkDockerfile } from './dockerfile/check/check.ts'
export { describeRule, type Finding, type RuleName, ruleAddress } from './dockerfile/check/rules.ts'
export { parsePlatform } from './dockerfile/platform.ts'
export { removeLeftovers } from './leftovers.ts'
export type { FileSource } from './ops/file/select.ts'
export { pruneBuilds } from './prune.ts'
export { type CachedLayers, cachedLayers } from './solver/cache.ts'
export { buildMigrations } from './solver/migrations.ts'
export type {
  AttachedNetwork,
  BaseImage,
  BuildEvent,
  BuildImages,
  BuildRequest,
  BuildResult,
  BuildWorker,
  PullProgress,
  RegistryLogin,
  ResolveOptions,
  SavedImage,
  StepNetwork,
  StepNetworks,
} from './worker.ts'
