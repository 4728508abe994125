export { type BuiltTarget, buildDockerfile, type PlannedBuild, planDockerfile, readDockerfile } from './build.ts'
export { parseCacheFilters } from './cache/filter.ts'
export { type CacheParts, listCache } from './cache/list.ts'
export { pruneBuilds } from './cache/prune.ts'
export type { CacheRecord } from './cache/record.ts'
export type { PruneLimits } from './cache/select.ts'
export { type FetchedFiles, fetchFiles } from './context/fetch.ts'
export { committedAt, youngestIn } from './context/modified.ts'
export { filesAsRoot } from './context/named.ts'
export { readContextFile, readIgnorePatterns } from './context/read.ts'
export { ReceivedContexts } from './context/received.ts'
export type { HeldFiles, Receiving, SentEntry } from './context/receiving.ts'
export { applyChanges } from './dockerfile/changes.ts'
export { type Checked, checkDockerfile } from './dockerfile/check/check.ts'
export { describeRule, type Finding, type RuleName, ruleAddress } from './dockerfile/check/rules.ts'
export { describedAbove } from './dockerfile/description.ts'
export { type GitUrl, isGit, parseGitUrl } from './dockerfile/git-url.ts'
export { parsePlatform } from './dockerfile/platform.ts'
export { type Place, placesOf } from './dockerfile/problem.ts'
export { isBuiltInSyntax, requestedSyntax } from './dockerfile/syntax.ts'
export type { BuildClient, Edge, Vertex } from './graph/vertex.ts'
export { pathsRead, verticesOf } from './graph/walk.ts'
export { removeLeftovers } from './leftovers.ts'
export type { NamedVertex } from './names.ts'
export { type Deletion, deletePaths } from './ops/delete.ts'
export { type Execution, execute, type StepLimits } from './ops/exec.ts'
export { isArchive } from './ops/file/archive.ts'
export { resolveInRoot } from './ops/file/resolve.ts'
export type { FileSource } from './ops/file/select.ts'
export { type CopyAction, changeFiles, type FileAction } from './ops/file.ts'
export { checkout } from './ops/git.ts'
export { download } from './ops/http.ts'
export { viewLayers } from './ops/layer.ts'
export { diff, merge } from './ops/merge.ts'
export type { BindMount, StepMount } from './ops/mount/mount.ts'
export { imageSource, localSource, type RemoteEdge, type RemoteFiles, remoteSource, scratch } from './ops/source.ts'
export { type LineRange, type Outline, outlineOf } from './outline.ts'
export { type PlannedGraph, planGraph } from './plan-graph.ts'
export { type CachedLayers, cachedLayers, keptFor } from './solver/cache.ts'
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
  ModifiedAt,
  NamedContext,
  OpenContext,
  PullProgress,
  RegistryLogin,
  RemoteContext,
  ResolveObserver,
  ResolveOptions,
  SavedImage,
  StepNetwork,
  StepNetworks,
} from './worker.ts'
