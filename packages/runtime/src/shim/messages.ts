import { bytes, flag, int64, type MessageOf, message, nested, repeated, text, uint32 } from '@slipway/protobuf'

/**
 * The messages of containerd's task service, as far as they are spoken here. Field numbers are the same in
 * containerd.task.v2 and v3 (api/runtime/task/v3/shim.proto). The service itself is told by the shim's answer to `start`.
 */
export const any = message({ typeUrl: text(1), value: bytes(2) })
export const timestamp = message({ seconds: int64(1), nanos: uint32(2) })
export const empty = message({})

/** What nearly every call names: a process is its container's id, and for an exec its own id too. */
export const processRequest = message({ id: text(1), execId: text(2) })

export const createRequest = message({
  id: text(1),
  bundle: text(2),
  terminal: flag(4),
  stdin: text(5),
  stdout: text(6),
  stderr: text(7),
  options: nested(10, any),
})
export const pidResponse = message({ pid: uint32(1) })
export const execRequest = message({
  id: text(1),
  execId: text(2),
  terminal: flag(3),
  stdin: text(4),
  stdout: text(5),
  stderr: text(6),
  spec: nested(7, any),
})
export const resizeRequest = message({ id: text(1), execId: text(2), width: uint32(3), height: uint32(4) })
export const closeIoRequest = message({ id: text(1), execId: text(2), stdin: flag(3) })
export const killRequest = message({ id: text(1), execId: text(2), signal: uint32(3), all: flag(4) })
export const waitResponse = message({ exitStatus: uint32(1), exitedAt: nested(2, timestamp) })
export const deleteResponse = message({ pid: uint32(1), exitStatus: uint32(2), exitedAt: nested(3, timestamp) })
export const stateResponse = message({
  id: text(1),
  bundle: text(2),
  pid: uint32(3),
  status: uint32(4),
  exitStatus: uint32(9),
  exitedAt: nested(10, timestamp),
  execId: text(11),
})
export const pidsResponse = message({ processes: repeated(1, message({ pid: uint32(1) })) })
export const updateRequest = message({ id: text(1), resources: nested(2, any) })
export const connectResponse = message({ shimPid: uint32(1), taskPid: uint32(2), version: text(3) })
export const shutdownRequest = message({ id: text(1), now: flag(2) })

/** `containerd.runc.v1.Options`, the options of Create. */
export const runcOptions = message({ binaryName: text(6), root: text(7), systemdCgroup: flag(9) })

/** ttrpc's own envelope (containerd/ttrpc request.proto). */
export const ttrpcRequest = message({
  service: text(1),
  method: text(2),
  payload: bytes(3),
  timeoutNano: int64(4),
})
const ttrpcStatus = message({ code: uint32(1), message: text(2) })
export const ttrpcResponse = message({ status: nested(1, ttrpcStatus), payload: bytes(2) })

export type Timestamp = MessageOf<typeof timestamp>
export type Status = MessageOf<typeof ttrpcStatus>

/** `Any.type_url` of what the shim takes as JSON. */
export const anyTypes = {
  process: 'types.containerd.io/opencontainers/runtime-spec/1/Process',
  resources: 'types.containerd.io/opencontainers/runtime-spec/1/LinuxResources',
  runcOptions: 'containerd.runc.v1.Options',
} as const

export const dateOf = (time: Timestamp | undefined): Date =>
  time === undefined ? new Date() : new Date(time.seconds * 1000 + Math.floor(time.nanos / 1e6))
