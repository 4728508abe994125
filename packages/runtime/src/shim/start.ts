import { spawn } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SlipwayError } from '@slipway/core'
import type { ShimAddress } from './connection.ts'

export interface ShimStart {
  /** Path of containerd-shim-runc-v2. */
  readonly shim: string
  readonly namespace: string
  readonly id: string
  /** Its working directory, made here: gets the shim's `log`. */
  readonly directory: string
  /** Where it publishes events (see EventSink). */
  readonly events: string
  /**
   * FIFOs that the shim keeps open for as long as it lives, without reading them. When a process ends while no daemon is
   * there, the shim closes its ends of its FIFOs; a FIFO that nobody has open forgets what was written to it.
   */
  readonly keepOpen: readonly string[]
}

const maximumOutput = 64 * 1024
const patience = 15_000

/**
 * Runs the shim's `start` action: a helper that forks the real shim, prints where it listens, and ends (11 ms). The real
 * one belongs to init then.
 */
export const startShim = async (start: ShimStart): Promise<ShimAddress> => {
  const { directory } = start
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await Promise.all([
    // Read for annotations that ask for a shared shim; each container's own config.json comes with Create.
    writeFile(join(directory, 'config.json'), '{"ociVersion":"1.0.2"}'),
    // Without a `log` to open, the shim dies right after its helper has printed an address. A plain file will do.
    writeFile(join(directory, 'log'), '', { mode: 0o600 }),
  ])
  const address = parseStartOutput(await runHelper(start))
  if (address === undefined) throw new SlipwayError('internal', `${start.shim} printed no address`)
  return address
}

const runHelper = async (start: ShimStart): Promise<string> => {
  const kept: number[] = []
  try {
    for (const path of start.keepOpen) kept.push(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK))
    return await outputOf(start, kept)
  } finally {
    for (const fd of kept) closeSync(fd)
  }
}

const outputOf = ({ shim, namespace, id, directory, events }: ShimStart, kept: readonly number[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const args = ['-namespace', namespace, '-id', id, '-address', events, '-publish-binary', '/bin/true', 'start']
    const child = spawn(shim, args, {
      cwd: directory,
      env: {
        PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
        TTRPC_ADDRESS: events,
        NAMESPACE: namespace,
        MAX_SHIM_VERSION: '3',
        GOMAXPROCS: '2',
      },
      // The helper hands its own files to the real shim at 3 and up, over what would be there.
      stdio: ['ignore', 'pipe', 'pipe', ...Array.from({ length: 7 }, () => 'ignore' as const), ...kept],
      timeout: patience,
    })
    const said = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.on('data', (chunk: Buffer) => {
        if (said[name].length < maximumOutput) said[name] += chunk
      })
    }
    child.once('error', (cause) =>
      reject(new SlipwayError('internal', `can't run ${shim}: ${cause.message}`, { cause })),
    )
    child.once('close', (code, signal) => {
      if (code === 0) resolve(said.stdout)
      else reject(new SlipwayError('internal', `${shim} start failed (${signal ?? code}): ${said.stderr.trim()}`))
    })
  })

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
