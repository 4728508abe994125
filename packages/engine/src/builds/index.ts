export { type BuildKitRouteDeps, buildKitRoutes, serveBuildKit } from './buildkit/door.ts'
export { openBuildKit } from './buildkit/open.ts'
export { type BuildRouteDeps, buildRoutes } from './routes.ts'
export { type BuildWorkerOptions, buildWorker } from './worker.ts'
