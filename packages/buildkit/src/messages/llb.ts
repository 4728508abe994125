import {
  bytes,
  bytesList,
  flag,
  int64,
  type MessageOf,
  map,
  message,
  nested,
  repeated,
  text,
  textList,
  uint32,
} from '@slipway/protobuf'

/** BuildKit's low-level build graph (solver/pb/ops.proto): what clients send instead of a Dockerfile. */
export const platform = message({ architecture: text(1), os: text(2), variant: text(3), osVersion: text(4) })

const position = message({ line: uint32(1), character: uint32(2) })
export const range = message({ start: nested(1, position), end: nested(2, position) })
export const sourceInfo = message({ filename: text(1), data: bytes(2), language: text(4) })

const secretEnv = message({ id: text(1), name: text(2), optional: flag(3) })
const fileOption = message({ id: text(1), uid: uint32(2), gid: uint32(3), mode: uint32(4), optional: flag(5) })
const mount = message({
  input: int64(1),
  selector: text(2),
  dest: text(3),
  output: int64(4),
  readonly: flag(5),
  type: uint32(6),
  tmpfs: nested(19, message({ size: int64(1) })),
  cache: nested(20, message({ id: text(1), sharing: uint32(2) })),
  secret: nested(21, fileOption),
  ssh: nested(22, fileOption),
})
export const mountType = { bind: 0, secret: 1, ssh: 2, cache: 3, tmpfs: 4 } as const
export const cacheSharing = ['shared', 'private', 'locked'] as const
export const netMode = ['default', 'host', 'none'] as const

const proxyEnv = message({ http: text(1), https: text(2), ftp: text(3), no: text(4), all: text(5) })
const meta = message({
  args: textList(1),
  env: textList(2),
  cwd: text(3),
  user: text(4),
  proxy: nested(5, proxyEnv),
  extraHosts: repeated(6, message({ host: text(1), ip: text(2) })),
  hostname: text(7),
  ulimit: repeated(9, message({ name: text(1), soft: int64(2), hard: int64(3) })),
  cgroupParent: text(10),
  /** Packed integers. */
  validExitCodes: bytes(12),
})
const execOp = message({
  meta: nested(1, meta),
  mounts: repeated(2, mount),
  network: uint32(3),
  security: uint32(4),
  secretEnv: repeated(5, secretEnv),
})

const userOption = message({ byName: nested(1, message({ name: text(1), input: int64(2) })), byId: uint32(2) })
const owner = message({ user: nested(1, userOption), group: nested(2, userOption) })
const fileCopy = message({
  source: text(1),
  destination: text(2),
  owner: nested(3, owner),
  mode: int64(4),
  followSymlink: flag(5),
  directoryContents: flag(6),
  unpack: flag(7),
  createDestination: flag(8),
  allowWildcard: flag(9),
  allowEmptyWildcard: flag(10),
  timestamp: int64(11),
  include: textList(12),
  exclude: textList(13),
})
const makeFile = message({
  path: text(1),
  mode: int64(2),
  data: bytes(3),
  owner: nested(4, owner),
  timestamp: int64(5),
})
const makeDirectory = message({
  path: text(1),
  mode: int64(2),
  parents: flag(3),
  owner: nested(4, owner),
  timestamp: int64(5),
})
const remove = message({ path: text(1), allowNotFound: flag(2), allowWildcard: flag(3) })
const fileAction = message({
  input: int64(1),
  secondaryInput: int64(2),
  output: int64(3),
  copy: nested(4, fileCopy),
  makeFile: nested(5, makeFile),
  makeDirectory: nested(6, makeDirectory),
  remove: nested(7, remove),
})

const inputNumber = message({ input: int64(1) })

export const sourceOp = message({ identifier: text(1), attrs: map(2, text) })
export const op = message({
  inputs: repeated(1, message({ digest: text(1), index: int64(2) })),
  exec: nested(2, execOp),
  source: nested(3, sourceOp),
  file: nested(4, message({ actions: repeated(2, fileAction) })),
  build: nested(5, message({ builder: int64(1) })),
  merge: nested(6, message({ inputs: repeated(1, inputNumber) })),
  diff: nested(7, message({ lower: nested(1, inputNumber), upper: nested(2, inputNumber) })),
  platform: nested(10, platform),
})

const opMetadata = message({ ignoreCache: flag(1), description: map(2, text) })
export const definition = message({
  def: bytesList(1),
  metadata: map(2, (at) => nested(at, opMetadata)),
})

export type Definition = MessageOf<typeof definition>
export type LlbOp = MessageOf<typeof op>
export type SourceInfo = MessageOf<typeof sourceInfo>
export type Range = MessageOf<typeof range>
export type SourceOp = MessageOf<typeof sourceOp>
export type ExecOp = MessageOf<typeof execOp>
export type ExecMeta = MessageOf<typeof meta>
export type ExecMount = MessageOf<typeof mount>
export type FileOption = MessageOf<typeof fileOption>
export type FileAction = MessageOf<typeof fileAction>
export type FileCopy = MessageOf<typeof fileCopy>
export type Owner = MessageOf<typeof owner>
