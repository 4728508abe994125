import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from './patience.ts'
import { dockerPlugins, dockerProgram, plainEnvironment } from './place.ts'
import { type Outcome, run } from './run.ts'
import type { Scratch } from './scratch.ts'

export type ClientName = 'oras' | 'crane' | 'cosign' | 'ctr' | 'docker'

/** Who speaks to registries without an engine, with a home of their own. */
export class RegistryClients {
  readonly home: string
  readonly #env: NodeJS.ProcessEnv

  private constructor(home: string) {
    this.home = home
    // The docker CLI's plugins that are tried here need no daemon: none is found.
    const nowhere = `unix://${join(home, 'nowhere.sock')}`
    this.#env = { ...plainEnvironment(), HOME: home, DOCKER_HOST: nowhere, COSIGN_PASSWORD: 'of the key' }
  }

  static async open(scratch: Scratch): Promise<RegistryClients> {
    const home = join(scratch.path, 'clients')
    await mkdir(join(home, '.docker'), { recursive: true })
    await cp(dockerPlugins, join(home, '.docker/cli-plugins'), { recursive: true })
    return new RegistryClients(home)
  }

  async write(name: string, text: string | Uint8Array): Promise<string> {
    await writeFile(join(this.home, name), text)
    return name
  }

  run(program: ClientName, args: readonly string[], input = ''): Promise<Outcome> {
    return run(program === 'docker' ? dockerProgram : program, args, { env: this.#env, cwd: this.home, input })
  }

  /** Runs one that must succeed, and gives back what it printed, without the last line's end. */
  async ok(program: ClientName, ...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(program, args)
    assert.equal(code, 0, `${program} ${args.join(' ')}: ${stdout}${stderr}`)
    return stdout.trimEnd()
  }

  /** containerd without what runs containers: images are all it is asked for. */
  async startContainerd(): Promise<Containerd> {
    const root = join(this.home, 'containerd')
    await mkdir(root)
    const address = join(root, 'containerd.sock')
    const disabled = ['grpc.v1.cri', 'cri.v1.images', 'cri.v1.runtime', 'nri.v1.nri', 'internal.v1.opt']
    const config = [
      'version = 3',
      `root = '${root}/root'`,
      `state = '${root}/state'`,
      `disabled_plugins = [${disabled.map((name) => `'io.containerd.${name}'`)}]`,
      `[grpc]\naddress = '${address}'`,
      `[ttrpc]\naddress = '${root}/ttrpc.sock'`,
    ]
    await writeFile(join(root, 'config.toml'), config.join('\n'))
    const child = spawn('containerd', ['-c', join(root, 'config.toml')], { env: this.#env, stdio: 'ignore' })
    const containerd = new Containerd(address, child)
    try {
      const answers = async () => (await this.run('ctr', ['--address', address, 'version'])).code === 0
      await eventually('containerd answers', answers)
    } catch (error) {
      await containerd[Symbol.asyncDispose]()
      throw error
    }
    return containerd
  }
}

class Containerd implements AsyncDisposable {
  readonly address: string
  readonly #process: ChildProcess

  constructor(address: string, child: ChildProcess) {
    this.address = address
    this.#process = child
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#process
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    await gone
  }
}
