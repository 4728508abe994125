import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Bundle, type ExitStatus, type ProcessSpec, silentLogger, type Task } from '@slipway/core'
import { findFirstBinary } from '@slipway/linux'
import { locateCgroup } from '../cgroup/locate.ts'
import { removeCgroup } from '../cgroup/remove.ts'
import { singleRuntime } from '../oci/runtimes.ts'
import { ShimRuntime, type ShimRuntimeOptions } from '../shim/runtime.ts'
import { buildSpec } from '../spec/build.ts'
import { defaultCapabilities } from '../spec/capabilities.ts'
import { defaultPath } from '../spec/environment.ts'
import { readHostFacts } from '../spec/host.ts'
import type { SpecInput } from '../spec/input.ts'
import type { Stdio } from '../stdio/open.ts'

const applets = [
  'sh',
  'true',
  'cat',
  'echo',
  'sleep',
  'stty',
  'id',
  'seq',
  'dd',
  'kill',
  'ls',
  'head',
  'env',
  'md5sum',
  'tail',
]

const binary = (...names: readonly string[]): string => {
  const path = findFirstBinary(...names)
  if (path === undefined) throw new Error(`${names.join(', ')}: not in PATH`)
  return path
}

export interface RunOptions extends Partial<SpecInput> {
  readonly stdin?: boolean
}

/** A container that was created, not yet started. */
export interface TestContainer {
  readonly bundle: Bundle
  readonly task: Task
  readonly stdio: Stdio
}

/** A place for containers made of nothing but busybox; disposing of it ends whatever is left in it. */
export class BusyboxHost implements AsyncDisposable {
  readonly directory: string
  readonly runtime: ShimRuntime
  readonly cgroupParent: string
  readonly #bundles: Bundle[] = []
  readonly #streams: Stdio[] = []
  readonly #facts = readHostFacts()

  private constructor(directory: string, runtime: ShimRuntime) {
    this.directory = directory
    this.runtime = runtime
    this.cgroupParent = `/${basename(directory)}`
  }

  /** `directory`: that of another one, whose process was killed. */
  static async open(options: Partial<ShimRuntimeOptions> & { readonly directory?: string } = {}): Promise<BusyboxHost> {
    const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'slipway-runtime-')))
    if (options.directory === undefined) await makeRootfs(join(directory, 'rootfs'))
    const runtime = new ShimRuntime({
      shim: binary('containerd-shim-runc-v2'),
      runtimes: singleRuntime('runc', binary('runc')),
      stateRoot: join(directory, 'state'),
      namespace: 'swt',
      logger: silentLogger,
      spareShims: 0,
      ...options,
    })
    return new BusyboxHost(directory, runtime)
  }

  bundle(id: string): Bundle {
    const bundle = { id, path: join(this.directory, 'bundles', id) }
    this.#bundles.push(bundle)
    return bundle
  }

  async create(args: readonly string[], { stdin = false, ...input }: RunOptions = {}): Promise<TestContainer> {
    const bundle = this.bundle(`swt${process.pid}x${this.#bundles.length}`)
    const terminal = input.terminal ?? false
    await mkdir(bundle.path, { recursive: true })
    const spec = buildSpec({
      id: bundle.id,
      cgroupParent: this.cgroupParent,
      rootfs: { path: join(this.directory, 'rootfs'), readonly: false },
      args,
      env: [],
      user: { uid: 0, gid: 0 },
      terminal,
      namespaces: { network: 'host' },
      host: this.#facts,
      ...input,
    })
    await this.runtime.writeSpec(bundle, spec)
    const stdio = await this.runtime.prepare(bundle, { stdin, terminal })
    this.#streams.push(stdio)
    const task = await this.runtime.create(bundle, stdio.paths)
    stdio.release()
    return { bundle, task, stdio }
  }

  /** The whole life of a container. */
  async run(
    args: readonly string[],
    options: RunOptions = {},
  ): Promise<ExitStatus & { stdout: string; stderr: string }> {
    const { task, stdio } = await this.create(args, options)
    const output = Promise.all([
      text(stdio.stdout.stream()),
      stdio.stderr === undefined ? '' : text(stdio.stderr.stream()),
    ])
    await task.start()
    const status = await task.wait()
    const [stdout, stderr] = await output
    await task.delete()
    return { ...status, stdout, stderr }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stdio of this.#streams) stdio.close()
    for (const bundle of this.#bundles) await this.runtime.cleanup(bundle)
    await this.runtime[Symbol.asyncDispose]()
    await removeCgroup(locateCgroup(this.cgroupParent))
    await rm(this.directory, { recursive: true, force: true })
  }
}

const makeRootfs = async (rootfs: string): Promise<void> => {
  for (const name of ['bin', 'proc', 'sys', 'dev', 'etc', 'tmp']) await mkdir(join(rootfs, name), { recursive: true })
  await copyFile(binary('busybox-static', 'busybox'), join(rootfs, 'bin/busybox'))
  for (const name of applets) await symlink('busybox', join(rootfs, 'bin', name))
  await writeFile(join(rootfs, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nweb:x:33:33::/srv:/bin/sh\n')
  await writeFile(join(rootfs, 'not-executable'), 'text', { mode: 0o644 })
}

/** A process as `docker exec` would ask for it. */
export const execSpec = (args: readonly string[], more: Partial<ProcessSpec> = {}): ProcessSpec => ({
  args,
  env: [`PATH=${defaultPath}`],
  cwd: '/',
  user: { uid: 0, gid: 0 },
  terminal: false,
  capabilities: defaultCapabilities,
  noNewPrivileges: false,
  ...more,
})
