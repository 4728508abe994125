import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SlipwayError } from '@slipway/core'
import type { ShimAddress } from './connection.ts'
import type { ShimStarter } from './starter.ts'

export interface ShimStart {
  readonly id: string
  /** Its working directory, made here: gets the shim's `log`. */
  readonly directory: string
  /**
   * FIFOs that the shim keeps open for as long as it lives, without reading them. When a process ends while no daemon is
   * there, the shim closes its ends of its FIFOs; a FIFO that nobody has open forgets what was written to it.
   */
  readonly keepOpen: readonly string[]
}

/**
 * Runs the shim's `start` action: a helper that forks the real shim, prints where it listens, and ends (11 ms). The real
 * one belongs to init then.
 */
export const startShim = async (starter: ShimStarter, start: ShimStart): Promise<ShimAddress> => {
  const { id, directory } = start
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await Promise.all([
    // Read for annotations that ask for a shared shim; each container's own config.json comes with Create.
    writeFile(join(directory, 'config.json'), '{"ociVersion":"1.0.2"}'),
    // Without a `log` to open, the shim dies right after its helper has printed an address. A plain file will do.
    writeFile(join(directory, 'log'), '', { mode: 0o600 }),
  ])
  const address = parseStartOutput(await starter.run(start))
  if (address === undefined) throw new SlipwayError('internal', `the shim of ${id} printed no address`)
  return address
}

/**
 * `unix:///run/containerd/s/…` from shims up to 1.7, `{"version":3,"address":"unix://…","protocol":"ttrpc"}` from 2.x.
 * Undefined when it is neither.
 */
export const parseStartOutput = (output: string): ShimAddress | undefined => {
  const text = output.trim()
  if (!text.startsWith('{')) return fromUrl(text, 2)
  const { address, version, protocol } = JSON.parse(text) as Record<string, unknown>
  if (typeof address !== 'string' || (protocol !== undefined && protocol !== 'ttrpc' && protocol !== ''))
    return undefined
  return fromUrl(address, version === 3 ? 3 : 2)
}

const fromUrl = (address: string, version: number): ShimAddress | undefined => {
  const socket = address.replace(/^unix:\/\//, '')
  return socket.startsWith('/') ? { socket, version } : undefined
}
