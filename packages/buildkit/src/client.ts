/** What a client needs of BuildKit's protocol, and no more: a command's start is counted in modules. */
export {
  buildkitInfo,
  diskUsage,
  followStatus,
  listHistory,
  listWorkers,
  prune,
  solve,
  statusFile,
  updateHistory,
} from './ask/control.ts'
export { askFrontend, type ClientBuild, type Question } from './ask/question.ts'
export { readWebFile } from './ask/web-file.ts'
export { GrpcClient } from './grpc/client.ts'
export type { Methods } from './grpc/method.ts'
export { serveGrpc } from './grpc/server.ts'
export { detailsOf, failedImageType } from './grpc/status.ts'
export type * as control from './messages/control.ts'
export { agentAt, type OpenAgent, offerAgents } from './offer/agents.ts'
export { offerBlobs } from './offer/blobs.ts'
export { offerCredentials } from './offer/credentials.ts'
export { offerFiles } from './offer/files.ts'
export { offerHealth } from './offer/health.ts'
export { offerLayouts } from './offer/layouts.ts'
export { type Output, offerOutputs } from './offer/outputs.ts'
export { mostSecretBytes, offerSecrets, type SecretSource } from './offer/secrets.ts'
export { offerUploads, uploadAddress } from './offer/upload.ts'
