import { bytes, message, text } from '@slipway/protobuf'

/** What a client offers in its session, by gRPC method. */
export const sessionMethods = {
  fileSync: '/moby.filesync.v1.FileSync/DiffCopy',
  fileSend: '/moby.filesync.v1.FileSend/DiffCopy',
  credentials: '/moby.filesync.v1.Auth/Credentials',
  getSecret: '/moby.buildkit.secrets.v1.Secrets/GetSecret',
  checkAgent: '/moby.sshforward.v1.SSH/CheckAgent',
  forwardAgent: '/moby.sshforward.v1.SSH/ForwardAgent',
  contentInfo: '/containerd.services.content.v1.Content/Info',
  readContent: '/containerd.services.content.v1.Content/Read',
  writeContent: '/containerd.services.content.v1.Content/Write',
  upload: '/moby.upload.v1.Upload/Pull',
  health: '/grpc.health.v1.Health/Check',
} as const

export const credentialsRequest = message({ host: text(1) })
export const credentialsResponse = message({ username: text(1), secret: text(2) })
export const secretRequest = message({ id: text(1) })
export const secretResponse = message({ data: bytes(1) })
export const checkAgentRequest = message({ id: text(1) })
