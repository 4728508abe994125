import { viewLayers } from '@slipway/build'
import { sendBytes, sendFiles } from '@slipway/buildkit'
import { packDirectory } from '@slipway/store'
import { asStep, type Exporter } from './exporter.ts'

const nothing: ReadonlyMap<string, string> = new Map()

/** The file system as a directory of the client (`type=local`). */
export const exportDirectory: Exporter = (built, { worker, progress, session, signal, number }) =>
  asStep(progress, 'exporting to client directory', async (step) => {
    const part = step.part('copying files')
    let bytes = 0
    const onBytes = (total: number): void => {
      bytes = total
      part.update(total)
    }
    const client = await session()
    await viewLayers(built.config.rootfs.diff_ids, worker, (root) =>
      sendFiles(client, root, { exporter: number, signal, onBytes }),
    )
    part.finish(bytes)
    return nothing
  })

/** The file system as one tar (`type=tar`). */
export const exportTar: Exporter = (built, { worker, progress, session, signal, number }) =>
  asStep(progress, 'exporting to client tarball', async (step) => {
    const part = step.part('sending tarball')
    const client = await session()
    await viewLayers(built.config.rootfs.diff_ids, worker, (root) =>
      sendBytes(client, packDirectory(root, '/', { as: '' }), { exporter: number, signal }),
    )
    part.finish()
    return nothing
  })
