import { type CopyAction, changeFiles, type Edge, type RemoteEdge, scratch, type Vertex } from '@slipway/build'
import type { llb } from '@slipway/buildkit'
import type { Lease, Platform } from '@slipway/core'
import type { FrontendParts } from '../frontend.ts'

/** What one output of an operation is. */
export interface Value {
  readonly edge: Edge
  /** It is a directory that a source fetched, and no stack of layers yet. */
  readonly isFiles: boolean
}

/** What reading a graph collects. */
export interface GraphParts
  extends Pick<FrontendParts, 'worker' | 'images' | 'contexts' | 'session' | 'job' | 'links' | 'signal'> {
  readonly platform: Platform
  readonly lease: Lease
  readonly remotes: RemoteEdge[]
  readonly anew: Vertex[]
  readonly names: Map<Vertex, string>
}

/** One operation with its inputs. */
export interface Operation {
  readonly op: llb.LlbOp
  readonly inputs: readonly Value[]
  readonly parts: GraphParts
}

/** Everything that an operation makes, by number. */
export type Outputs = readonly (Value | undefined)[]

export const layers = (edge: Edge): Value => ({ edge, isFiles: false })

export const nothing: Value = layers(scratch)

/** A copy of everything, with its owners. */
export const copyAll: CopyAction = {
  kind: 'copy',
  paths: ['/'],
  destination: '/',
  keepOwner: true,
  unpack: false,
  parents: false,
  exclude: [],
  fromContext: false,
}

/** A value as a file system that something can be done to. */
export const asRoot = ({ edge, isFiles }: Value): Edge => (isFiles ? changeFiles(scratch, [copyAll], edge) : edge)
