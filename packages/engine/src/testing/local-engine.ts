import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EngineClient } from '@slipway/client'
import { silentLogger } from '@slipway/core'
import { findFirstBinary, networkThread, readMountInfo, unmount } from '@slipway/linux'
import { teardown } from '@slipway/network'
import { loadConfig } from '../config/load.ts'
import { type RunningEngine, startEngine } from '../main.ts'

/** A real engine in the test's own process, with a directory, a bridge and addresses of its own. */
export class LocalEngine implements AsyncDisposable {
  /** Everything of it, and of the test, lies here. */
  readonly directory: string
  readonly #bridge: string
  readonly #address = `10.${randomInt(200, 250)}.${randomInt(256)}.1/24`
  #engine: RunningEngine | undefined
  #client: EngineClient | undefined

  /** `name` is a short word for its directory and bridge. */
  constructor(name: string) {
    this.directory = mkdtempSync(join(tmpdir(), `slipway-${name}-`))
    this.#bridge = `swt${name.slice(0, 4)}${process.pid % 100_000}`
  }

  /** Starts it, for the first time or again, and connects. */
  async start(): Promise<EngineClient> {
    const at = (name: string): string => join(this.directory, name)
    const config = await loadConfig(
      [
        ...['--host', `unix://${at('engine.sock')}`, '--data-root', at('data'), '--exec-root', at('run')],
        ...['--pidfile', at('pid'), '--bridge', this.#bridge, '--bip', this.#address],
      ],
      // The tests are run with one storage driver or another.
      { SLIPWAY_STORAGE_DRIVER: process.env['SLIPWAY_STORAGE_DRIVER'] },
    )
    this.#engine = await startEngine(config, silentLogger)
    this.#client = new EngineClient({ host: this.#engine.host })
    return this.#client
  }

  /** As SIGTERM does: what runs goes on. */
  async stop(): Promise<void> {
    await this.#client?.[Symbol.asyncDispose]()
    await this.#engine?.[Symbol.asyncDispose]()
    this.#engine = undefined
    this.#client = undefined
  }

  /** A directory with busybox in it, to be added to and imported. */
  busyboxRoot(applets: readonly string[]): string {
    const root = mkdtempSync(join(this.directory, 'busybox-'))
    for (const name of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp']) mkdirSync(join(root, name))
    const busybox = findFirstBinary('busybox-static', 'busybox') ?? assert.fail('busybox is not installed')
    copyFileSync(busybox, join(root, 'bin/busybox'))
    for (const applet of applets) symlinkSync('busybox', join(root, 'bin', applet))
    return root
  }

  /** Stops it, and takes all away that it made. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await teardown({ bridge: this.#bridge, thread: await networkThread() })
    for (const { target } of readMountInfo(this.directory).toReversed()) unmount(target, { lazy: true })
    rmSync(this.directory, { recursive: true, force: true })
  }
}
