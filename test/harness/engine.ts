import assert from 'node:assert/strict'
import { randomBytes, randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { glob, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, type Ask, askEngine } from './api.ts'
import { removeBridges } from './bridges.ts'
import { Client, type ClientName } from './client.ts'
import { Daemon } from './daemon.ts'
import { leftovers, type Traces } from './leftovers.ts'
import { unmountAllBelow } from './mounts.ts'
import { eventually } from './patience.ts'
import { plainEnvironment, testImages } from './place.ts'
import { kill, processesNaming } from './processes.ts'
import type { Scratch } from './scratch.ts'

/** What its last processes need at most to be gone, in milliseconds. */
const patience = 60_000

export interface EngineOptions {
  /** The `registries` of its configuration. */
  readonly registries?: readonly unknown[]
  /** Path of the network namespace to run in. */
  readonly netns?: string
  /** A command that becomes the daemon, given it as further words. */
  readonly inside?: readonly string[]
  /** Without it, a folder in the scratch. */
  readonly dataRoot?: string
  /** Without a default bridge. */
  readonly withoutBridge?: boolean
  /** Further flags. */
  readonly args?: readonly string[]
  /** A directory with programs that it is to find before all others. */
  readonly programs?: string
}

/**
 * An engine of its own: data root, sockets, bridge and addresses. Disposing it removes its containers, ends it, looks whether
 * it took everything away, and then takes away itself what an engine leaves for its next start.
 */
export class TestEngine implements AsyncDisposable, Traces {
  readonly dataRoot: string
  readonly execRoot: string
  readonly bridge: string
  readonly netns: string | undefined
  readonly socket: string
  readonly #home: string
  readonly #args: readonly string[]
  readonly #before: readonly string[]
  #daemon: Daemon | undefined

  private constructor(home: string, options: EngineOptions) {
    this.#home = home
    this.dataRoot = options.dataRoot ?? join(home, 'data')
    this.execRoot = join(home, 'exec')
    this.bridge = options.withoutBridge ? 'none' : `swt${randomBytes(4).toString('hex')}`
    this.netns = options.netns
    this.socket = join(home, 'engine.sock')
    this.#before = [
      ...(options.netns === undefined ? [] : ['nsenter', `--net=${options.netns}`]),
      ...(options.programs === undefined ? [] : ['env', `PATH=${options.programs}:${plainEnvironment()['PATH']}`]),
      ...(options.inside ?? []),
    ]
    this.#args = [
      'engine',
      ...['--host', this.host, '--data-root', this.dataRoot, '--exec-root', this.execRoot, '--debug'],
      ...['--bridge', this.bridge],
      ...(options.withoutBridge ? [] : ['--bip', `10.${randomInt(201, 250)}.${randomInt(256)}.1/24`]),
      ...['--config-file', join(home, 'engine.json')],
      ...(options.args ?? []),
    ]
  }

  static async start(scratch: Scratch, options: EngineOptions = {}): Promise<TestEngine> {
    const home = join(scratch.path, `engine-${randomBytes(3).toString('hex')}`)
    await mkdir(home)
    await writeFile(join(home, 'engine.json'), JSON.stringify({ registries: options.registries ?? [] }))
    const engine = new TestEngine(home, options)
    await engine.start()
    return engine
  }

  get host(): string {
    return `unix://${this.socket}`
  }

  get pid(): number {
    return this.#daemon?.pid ?? 0
  }

  get log(): string {
    return this.#daemon?.log ?? ''
  }

  /** Starts the daemon; resolves when it answers. */
  async start(): Promise<void> {
    this.#daemon = (await Daemon.start(this.#args, 'engine ready', this.#before)).daemon
    assert.equal((await this.ask('/_ping')).text, 'OK')
  }

  /** Ends the daemon alone, at once (as kill -9 does) or politely. Its containers go on. */
  async stopDaemon(signal: 'SIGKILL' | 'SIGTERM' = 'SIGTERM'): Promise<number | null> {
    return (await this.#daemon?.end(signal)) ?? null
  }

  /** What a reboot does: no process, mount, link or rule of it is left, and /run is empty. Its data root stays. */
  async losePower(): Promise<void> {
    await this.#takeAway()
    await rm(this.execRoot, { recursive: true, force: true })
  }

  client(name: ClientName = 'docker'): Client {
    return new Client(name, this.host, this.#home)
  }

  ask(path: string, ask?: Ask): Promise<Answer> {
    return askEngine(this.socket, path, ask)
  }

  /** Makes the small base image that most tests run. */
  async addBusybox(): Promise<void> {
    await this.client('slipway').ok(['image', 'bootstrap', 'busybox'])
  }

  /** Makes debian:bookworm, the base of the examples; in a checkout that has made it before, takes it from there. */
  async addDebian(): Promise<void> {
    const client = this.client('slipway')
    const kept = join(testImages, 'debian-bookworm.tar')
    if (existsSync(kept)) {
      await client.ok(['load', '--quiet', '--input', kept])
      return
    }
    await client.ok(['image', 'bootstrap', 'debian:bookworm'], { timeout: 300_000 })
    await mkdir(testImages, { recursive: true })
    const fresh = `${kept}.${process.pid}`
    await client.ok(['save', '--output', fresh, 'debian:bookworm'])
    await rename(fresh, kept)
  }

  async removeContainers(): Promise<void> {
    const listed = await this.ask('/containers/json?all=1')
    const ids = (JSON.parse(listed.text) as readonly { Id: string }[]).map(({ Id }) => Id)
    const answers = await Promise.all(ids.map((id) => this.ask(`/containers/${id}?force=1&v=1`, { method: 'DELETE' })))
    for (const { status, message } of answers) assert.ok(status === 204 || status === 404, message)
  }

  /** Removes its containers and ends it. Resolves with what it left behind. */
  async shutDown(): Promise<readonly string[]> {
    await this.removeContainers()
    // Their bridges would outlive the engine, as its containers would.
    await this.ask('/networks/prune', { method: 'POST' })
    await eventually(
      'its trash is emptied',
      async () => (await readdir(join(this.dataRoot, 'snapshots/trash'))).length === 0,
    )
    assert.equal(await this.stopDaemon(), 0, `the engine did not end well:\n${this.log}`)
    // A shim that was told to end may need a moment.
    const end = performance.now() + patience
    for (;;) {
      const left = await leftovers(this)
      if (left.length === 0 || performance.now() > end) return left
      await sleep(100)
    }
  }

  async #takeAway(): Promise<void> {
    await this.stopDaemon('SIGKILL')
    const names = [`slipway-${this.bridge} `, this.execRoot, this.dataRoot]
    for (const { pid } of await processesNaming(names)) kill(pid)
    await this.#killContainers()
    await unmountAllBelow(this.#home)
    await removeBridges(this)
  }

  /** The processes in containers whose shim is gone: they are known by their root file system's mount. */
  async #killContainers(): Promise<void> {
    for await (const path of glob('containers/*/init.pid', { cwd: this.execRoot })) {
      const pid = Number(await readFile(join(this.execRoot, path), 'utf8').catch(() => '0'))
      if (pid > 1) kill(pid)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      const isUp = await this.ask('/_ping').catch(() => undefined)
      if (isUp !== undefined) assert.deepEqual(await this.shutDown(), [], 'the engine left something behind')
    } finally {
      await this.#takeAway()
    }
  }
}
