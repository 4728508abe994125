import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TestEngine } from '../harness/engine.ts'
import { dockerPlugins, dockerProgram, plainEnvironment } from '../harness/place.ts'
import { type Outcome, run } from '../harness/run.ts'
import type { Scratch } from '../harness/scratch.ts'

type Files = Readonly<Record<string, string>>

/** The stock CLI with buildx, building with one engine. */
export class Builder {
  readonly #scratch: Scratch
  readonly #env: NodeJS.ProcessEnv
  #contexts = 0

  private constructor(scratch: Scratch, env: NodeJS.ProcessEnv) {
    this.#scratch = scratch
    this.#env = env
  }

  static async open(scratch: Scratch, engine: TestEngine): Promise<Builder> {
    const config = join(scratch.path, 'buildx-client')
    await mkdir(config)
    await writeFile(join(config, 'config.json'), JSON.stringify({ cliPluginsExtraDirs: [dockerPlugins] }))
    const env = { ...plainEnvironment(), DOCKER_HOST: engine.host, HOME: config, DOCKER_CONFIG: config }
    return new Builder(scratch, env)
  }

  async context(files: Files): Promise<string> {
    this.#contexts += 1
    const root = join(this.#scratch.path, `context-${this.#contexts}`)
    await mkdir(root)
    await this.write(root, files)
    return root
  }

  async write(root: string, files: Files): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, name)), { recursive: true })
      await writeFile(join(root, name), text)
    }
  }

  run(
    args: readonly string[],
    cwd?: string,
    more: NodeJS.ProcessEnv = {},
    input?: string | Uint8Array,
  ): Promise<Outcome> {
    const rest = { ...(cwd === undefined ? {} : { cwd }), ...(input === undefined ? {} : { input }) }
    return run(dockerProgram, args, { env: { ...this.#env, ...more }, ...rest })
  }

  spawn(args: readonly string[]): ChildProcess {
    return spawn(dockerProgram, args, { env: this.#env, stdio: 'ignore' })
  }

  /** What a command that must succeed said, on both streams. */
  async ok(args: readonly string[], cwd?: string): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, cwd)
    assert.equal(code, 0, `docker ${args.join(' ')}\n${stdout}\n${stderr}`)
    return `${stdout}${stderr}`
  }

  build(...args: readonly string[]): Promise<string> {
    return this.ok(['build', '--progress=plain', ...args])
  }

  async fails(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(['build', '--progress=plain', ...args])
    assert.notEqual(code, 0, stdout)
    return `${stdout}${stderr}`
  }
}
