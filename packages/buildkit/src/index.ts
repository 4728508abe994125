/**
 * BuildKit's protocol, from both ends: gRPC on connections that are there already (`grpc/`), its messages (`messages/`); for the
 * daemon the session in which a client serves it (`session/`); for a client, in `client.ts`, what it offers there (`offer/`) and
 * what it asks for (`ask/`). It knows nothing about building.
 */
export type { Wire } from './grpc/bypass.ts'
export { GrpcClient, type Metadata } from './grpc/client.ts'
export { type Call, type Method, type Methods, streaming, unary } from './grpc/method.ts'
export { serveGrpc } from './grpc/server.ts'
export { detailsOf, failedImageType, GrpcError, grpcCode, type StatusDetail, statusOf } from './grpc/status.ts'
export * as content from './messages/content.ts'
export * as control from './messages/control.ts'
export * as fsutil from './messages/fsutil.ts'
export * as gateway from './messages/gateway.ts'
export * as llb from './messages/llb.ts'
export { sessionMethods } from './messages/session.ts'
export { empty, rpcStatus, timestampOf } from './messages/wellknown.ts'
export { bytesMessage, type WorkerRecord } from './messages/worker.ts'
export { offerFiles } from './offer/files.ts'
export { contentSize, readContent, writeContent } from './session/content-store.ts'
export { goModeOf, permissionsOfGoMode, typeOfGoMode } from './session/file-mode.ts'
export { type SendOptions, sendBytes, sendFiles } from './session/file-send.ts'
export { type SentStat, statPath } from './session/file-stat.ts'
export { type FileSink, type FilesWanted, receiveFiles, receiveTexts } from './session/file-sync.ts'
export { ClientSession, type Credentials, type SessionFacts, Sessions, sessionFacts } from './session/session.ts'
export { acceptTunnel } from './session/tunnel.ts'
