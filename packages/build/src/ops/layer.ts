import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Bytes,
  chainIdOf,
  type DiffId,
  type Mount,
  SlipwayError,
  type Snapshotter,
  type UnpackedLayer,
} from '@slipway/core'
import { mountSnapshot, unmount } from '@slipway/linux'
import type { OpContext, Result } from '../graph/vertex.ts'
import type { BuildWorker } from '../worker.ts'
import { runInThread } from './file/pool.ts'
import type { TreeRequest } from './file/select.ts'

/** Where a step works: its own directory, and its file system mounted in it. */
export interface Workplace {
  /** 64 hexadecimal digits. */
  readonly id: string
  readonly directory: string
  readonly rootfs: string
}

const removeWorkplace = async ({ id, directory, rootfs }: Workplace, snapshots: Snapshotter): Promise<void> => {
  unmount(rootfs, { lazy: true })
  await snapshots.remove(id)
  await rm(directory, { recursive: true, force: true })
}

const openWorkplace = async (scratch: string): Promise<Workplace> => {
  const id = randomBytes(32).toString('hex')
  const directory = join(scratch, 'steps', id)
  const rootfs = join(directory, 'rootfs')
  await mkdir(rootfs, { recursive: true, mode: 0o700 })
  return { id, directory, rootfs }
}

/** The directory that holds what is written to a snapshot, and nothing else; undefined: there is no such directory. */
const writableIn = (mounts: readonly Mount[], base: readonly DiffId[]): string | undefined => {
  const upper = 'upperdir='
  const options = mounts.flatMap((mount) => mount.options)
  const found = options.find((option) => option.startsWith(upper))?.slice(upper.length)
  return found ?? (base.length === 0 ? mounts[0]?.source : undefined)
}

export interface LayerOptions {
  /** Seconds since 1970: no file of the layer is to be younger. */
  readonly newest?: number | undefined
}

const commitPlace = async (
  { id }: Workplace,
  base: readonly DiffId[],
  { worker: { snapshots }, signal, hold }: OpContext,
): Promise<readonly DiffId[]> => {
  const { diffId } = await snapshots.diff(id, { signal })
  const layers = [...base, diffId]
  hold(layers)
  const name = chainIdOf(layers)
  if (name !== undefined) await snapshots.commit(id, name)
  return layers
}

/** The error of a process, with what it left behind where somebody wants to look at that. */
const withFailedLayers = async (
  error: unknown,
  place: Workplace,
  base: readonly DiffId[],
  context: OpContext,
): Promise<unknown> => {
  const isWanted = context.keepFailed === true && error instanceof SlipwayError && 'exitCode' in error.detail
  if (!isWanted || context.signal.aborted) return error
  unmount(place.rootfs)
  const failedLayers = await commitPlace(place, base, context)
  return new SlipwayError(error.code, error.message, { cause: error, detail: { ...error.detail, failedLayers } })
}

/**
 * Lets `body` change the file system that `base` is, and makes a layer of what it changed: the writable layer itself is
 * committed, nothing is copied. When `body` fails, nothing stays.
 */
export const makeLayer = async (
  base: readonly DiffId[],
  context: OpContext,
  { newest }: LayerOptions,
  body: (place: Workplace) => Promise<void>,
): Promise<Result> => {
  const { worker, signal } = context
  signal.throwIfAborted()
  const { snapshots } = worker
  const place = await openWorkplace(worker.scratch)
  try {
    const mounts = await snapshots.prepare(place.id, chainIdOf(base))
    mountSnapshot(mounts, place.rootfs)
    await body(place).catch(async (error: unknown) => {
      throw await withFailedLayers(error, place, base, context)
    })
    unmount(place.rootfs)
    signal.throwIfAborted()
    const written = writableIn(mounts, base)
    if (newest !== undefined && written !== undefined) {
      await runInThread({ kind: 'clamp', root: written, newest }, signal)
    }
    return { kind: 'layers', layers: await commitPlace(place, base, context) }
  } finally {
    await removeWorkplace(place, snapshots)
  }
}

/** Makes a layer of its tar. */
export const unpackLayer = async (base: readonly DiffId[], context: OpContext, tar: Bytes): Promise<Result> => {
  const { worker, signal } = context
  await using layer = await worker.snapshots.unpack({ bytes: tar, compression: 'none' }, { signal })
  return await putLayer(base, context, layer)
}

/** Puts a layer on top of others. */
export const putLayer = async (base: readonly DiffId[], { hold }: OpContext, layer: UnpackedLayer): Promise<Result> => {
  const layers = [...base, layer.diffId]
  hold(layers)
  const name = chainIdOf(layers)
  if (name !== undefined) await layer.commit(name, chainIdOf(base))
  return { kind: 'layers', layers }
}

/** The files of a result. */
export type Files = Pick<TreeRequest, 'source' | 'ignore'>

/** Shows a stack of layers as a directory to `body`, which only reads it. */
export const viewLayers = async <T>(
  layers: readonly DiffId[],
  { scratch, snapshots }: Pick<BuildWorker, 'scratch' | 'snapshots'>,
  body: (root: string) => Promise<T>,
): Promise<T> => {
  const place = await openWorkplace(scratch)
  try {
    const chainId = chainIdOf(layers)
    if (chainId !== undefined) mountSnapshot(await snapshots.view(place.id, chainId), place.rootfs)
    return await body(place.rootfs)
  } finally {
    await removeWorkplace(place, snapshots)
  }
}

/** Shows the files of a result to `body`, which only reads them. */
export const readResult = async <T>(
  result: Result,
  { worker }: OpContext,
  body: (files: Files) => Promise<T>,
): Promise<T> =>
  result.kind === 'files'
    ? body(result)
    : viewLayers(result.layers, worker, (path) => body({ source: { kind: 'directory', path }, ignore: [] }))
