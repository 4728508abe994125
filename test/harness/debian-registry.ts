import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from './patience.ts'
import { plainEnvironment } from './place.ts'
import { freePort } from './port.ts'
import type { Scratch } from './scratch.ts'

/** The registry that everyone else's is measured by (distribution, as Debian has it), on a free port of the loopback. */
export class DebianRegistry implements AsyncDisposable {
  /** `127.0.0.1:41234` */
  readonly address: string
  readonly #process: ChildProcess

  private constructor(address: string, child: ChildProcess) {
    this.address = address
    this.#process = child
  }

  static async start(scratch: Scratch): Promise<DebianRegistry> {
    const address = `127.0.0.1:${await freePort()}`
    const path = join(scratch.path, 'docker-registry.json')
    // JSON is YAML.
    const config = {
      version: 0.1,
      log: { level: 'error', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: join(scratch.path, 'docker-registry') } },
      http: { addr: address },
    }
    await writeFile(path, JSON.stringify(config))
    const child = spawn('docker-registry', ['serve', path], { env: plainEnvironment(), stdio: 'ignore' })
    const registry = new DebianRegistry(address, child)
    const failed = once(child, 'error').then(([error]) => Promise.reject(error))
    const answers = eventually('docker-registry answers', () =>
      fetch(`http://${address}/v2/`).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
    try {
      await Promise.race([answers, failed])
    } catch (error) {
      await registry[Symbol.asyncDispose]()
      throw error
    }
    failed.catch(() => undefined)
    return registry
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#process
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
}
