import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Bundle, type Logger, SlipwayError } from '@slipway/core'
import { FilterCache } from '../oci/filters.ts'
import { type OciRuntime, type OciRuntimes, runtimeNamed } from '../oci/runtimes.ts'
import { runtimeFailure } from '../shim/failure.ts'
import { removeLeftovers } from '../shim/remove-leftovers.ts'
import { formatSpec } from '../spec/format.ts'
import type { OciSpec } from '../spec/oci.ts'
import { openStdio, type Stdio } from '../stdio/open.ts'
import type { Output } from '../stdio/output.ts'

const patience = 15_000

export interface ForegroundOptions {
  readonly runtimes: OciRuntimes
  /** A directory in /run: the runtimes' own state. */
  readonly stateRoot: string
  readonly systemdCgroup?: boolean
  /** Shared with another runtime of this process, a profile is compiled once for both. */
  readonly filters?: FilterCache
  readonly logger: Logger
}

export interface ForegroundIo {
  /** A promise is waited for: then the process is slowed down. */
  readonly onOutput: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void | Promise<void>
  /** Its abort kills everything in the container. */
  readonly signal: AbortSignal
}

/**
 * Containers that end with whoever runs them: the OCI runtime stays their parent, and there is no shim. One program is started
 * where a shim starts three, and waits on sockets for each. After a daemon's death `cleanup()` has to be called.
 */
export class ForegroundRuntime {
  readonly #options: ForegroundOptions
  readonly #filters: FilterCache

  constructor(options: ForegroundOptions) {
    this.#options = options
    this.#filters = options.filters ?? new FilterCache()
  }

  /**
   * Runs a bundle's process to its end, and everything it started to theirs. Returns the exit code; nothing of the container is
   * left then. Throws what the runtime says when it can't be started, as `Runtime.create` does, and the signal's reason.
   */
  async run(bundle: Bundle, spec: OciSpec, { onOutput, signal }: ForegroundIo): Promise<number> {
    const runtime = runtimeNamed(this.#options.runtimes, bundle.runtime)
    await mkdir(this.#rootOf(runtime), { recursive: true, mode: 0o700 })
    await writeSpec(bundle, await this.#withFilter(runtime, bundle, spec))
    signal.throwIfAborted()
    await using stdio = openStdio({ directory: join(bundle.path, 'io'), stdin: false, terminal: false })
    const child = this.#start(runtime, bundle, stdio)
    const stop = (): void => void child.kill('SIGKILL')
    signal.addEventListener('abort', stop, { once: true })
    const exit = ended(child)
    exit.catch(() => undefined)
    try {
      const outputs = Promise.all([
        forward(stdio.stdout, (bytes) => onOutput('stdout', bytes)),
        forward(
          stdio.stderr,
          unlessTheRuntimes(bundle, exit, (bytes) => onOutput('stderr', bytes)),
        ),
      ])
      outputs.catch(stop)
      const code = await exit
      if (code === undefined) await this.cleanup(bundle)
      await outputs
      signal.throwIfAborted()
      if (code === undefined) throw new SlipwayError('internal', `${runtime.command} was killed`)
      if (code !== 0) await throwIfNotStarted(bundle)
      return code
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  /** Takes away what one left whose runtime was killed: processes, cgroup, state. What isn't there is no error. */
  cleanup(bundle: Bundle): Promise<void> {
    const { runtimes, systemdCgroup = false, logger } = this.#options
    const places = runtimes.all.map((one) => ({ command: one.command, root: this.#rootOf(one) }))
    return removeLeftovers({ bundle, runtimes: places, systemdCgroup, logger })
  }

  #start(runtime: OciRuntime, bundle: Bundle, stdio: Stdio): ChildProcess {
    const ends = [stdio.paths.stdout, stdio.paths.stderr].map((path) => openSync(path as string, 'w'))
    try {
      return spawn(runtime.command, this.#arguments(runtime, 'run', bundle), {
        stdio: ['ignore', ...ends],
        // A terminal's Ctrl-C is for the daemon.
        detached: true,
      })
    } finally {
      for (const end of ends) closeSync(end)
      stdio.release()
    }
  }

  #arguments(runtime: OciRuntime, verb: 'run' | 'create', { id, path }: Bundle): readonly string[] {
    const systemd = this.#options.systemdCgroup ? ['--systemd-cgroup'] : []
    const log = ['--log', logIn(path), '--log-format', 'json']
    return ['--root', this.#rootOf(runtime), ...log, ...systemd, verb, '--bundle', path, id]
  }

  /** The spec with its compiled filter. The first of a kind is made once without being started: only then can it be read. */
  async #withFilter(runtime: OciRuntime, bundle: Bundle, spec: OciSpec): Promise<OciSpec> {
    if (!runtime.takesFilters || spec.linux.seccomp === undefined) return spec
    const known = this.#filters.apply(bundle.id, spec)
    if (known !== spec) return known
    await writeSpec(bundle, spec)
    try {
      const options = { stdio: 'ignore', timeout: patience, killSignal: 'SIGKILL' } as const
      await ended(spawn(runtime.command, this.#arguments(runtime, 'create', bundle), options))
      await this.#filters.learn(bundle.id, join(this.#rootOf(runtime), bundle.id))
    } catch {
      // What is wrong with it is told when it is run.
      this.#filters.forget(bundle.id)
    }
    await this.cleanup(bundle)
    return this.#filters.apply(bundle.id, spec)
  }

  /** Beside the shims': what lies in it has none. */
  #rootOf({ name }: OciRuntime): string {
    return join(this.#options.stateRoot, name)
  }
}

const logIn = (path: string): string => join(path, 'runtime.log')

const writeSpec = (bundle: Bundle, spec: OciSpec): Promise<void> =>
  writeFile(join(bundle.path, 'config.json'), formatSpec(spec), { mode: 0o600 })

type OnBytes = (bytes: Uint8Array) => void | Promise<void>

const forward = async (output: Output | undefined, onBytes: OnBytes): Promise<void> => {
  if (output === undefined) return
  for await (const bytes of output.stream()) await onBytes(bytes)
}

/**
 * How long what comes first on stderr may wait for an entry in the runtime's log, which is written at the same time.
 * Milliseconds.
 */
const logPatience = 50

/**
 * Runtimes say why they can't start a process on its stderr too, and end; that is told as an error, and isn't the process's
 * output.
 */
const unlessTheRuntimes = (bundle: Bundle, exit: Promise<unknown>, onBytes: OnBytes): OnBytes => {
  let isRuntimes: boolean | undefined
  return async (bytes) => {
    if (isRuntimes === undefined) {
      await Promise.race([exit, sleep(logPatience)])
      isRuntimes = (await errorLogged(bundle)) !== undefined
    }
    if (!isRuntimes) await onBytes(bytes)
  }
}

/** The exit code; undefined: a signal ended the runtime itself. */
const ended = (child: ChildProcess): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new SlipwayError('internal', `can't run the OCI runtime: ${cause.message}`, { cause })),
    )
    child.once('exit', (code) => resolve(code ?? undefined))
  })

/** The runtime's own error, if it has one. */
const errorLogged = async ({ path }: Bundle): Promise<string | undefined> => {
  const text = await readFile(logIn(path), 'utf8').catch(() => '')
  return text.split('\n').flatMap(errorIn)[0]
}

/** Without an error of the runtime's it was the process that failed. */
const throwIfNotStarted = async (bundle: Bundle): Promise<void> => {
  const first = await errorLogged(bundle)
  if (first === undefined) return
  throw runtimeFailure(new SlipwayError('internal', `OCI runtime create failed: ${first}`), 'create')
}

const errorIn = (line: string): readonly string[] => {
  try {
    const { level, msg } = JSON.parse(line) as { readonly level?: unknown; readonly msg?: unknown }
    return level === 'error' && typeof msg === 'string' ? [msg] : []
  } catch {
    return []
  }
}
