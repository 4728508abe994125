export { type BuildRouteDeps, buildRoutes } from './routes.ts'
export { type BuildWorkerOptions, buildWorker } from './worker.ts'
