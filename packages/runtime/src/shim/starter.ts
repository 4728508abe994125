import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { SlipwayError } from '@slipway/core'
import { killUnrecordedShim } from './kill-shim.ts'

export interface ShimStarterOptions {
  /** Path of containerd-shim-runc-v2. */
  readonly shim: string
  readonly namespace: string
  /** Where shims publish events (see EventSink). */
  readonly events: string
}

export interface HelperRun {
  readonly id: string
  /** Its working directory: gets what it prints, and what it complains of. */
  readonly directory: string
  /** Up to two FIFOs, which the shim gets to keep open for reading. */
  readonly keepOpen: readonly string[]
}

const patience = 15_000
const nothing = '/dev/null'

/**
 * For each four lines of input the shim's helper is run, and its id and exit code are told. Whoever is started becomes a child of
 * init at once, so that nobody has to be waited for here. A FIFO opens for reading only where somebody has it open for writing,
 * hence 4 and 5. The helper hands its own files to the real shim at 3 and up, over what would be there: with 3 to 9 in use its
 * own come after those.
 */
const script = `
shim=$1 namespace=$2 events=$3
help() {
  "$shim" -namespace "$namespace" -id "$id" -address "$events" -publish-binary /bin/true start >printed 2>complaint
}
keeping() {
  { help; } 8<"$first" 9<"$second" 3<${nothing} 4<${nothing} 5<${nothing} 6<${nothing} 7<${nothing}
}
begin() {
  cd "$directory" && { keeping; } 4<>"$first" 5<>"$second"
}
while IFS= read -r id && IFS= read -r directory && IFS= read -r first && IFS= read -r second; do
  ( (begin <${nothing}; echo "$id $?") & )
done
`

type Shell = ChildProcessByStdio<Writable, Readable, null>

interface Waiting {
  resolve(exitCode: number): void
  reject(error: Error): void
}

/**
 * Runs the shim's `start` helper, through a shell that waits for orders: a spawn copies the page tables of whoever spawns, which
 * stops this process for 4 to 11 ms, and the shell for less than one. The shell ends with us.
 */
export class ShimStarter implements AsyncDisposable {
  readonly namespace: string
  readonly #options: ShimStarterOptions
  readonly #waiting = new Map<string, Waiting>()
  #shell: Shell | undefined

  constructor(options: ShimStarterOptions) {
    this.#options = options
    this.namespace = options.namespace
  }

  /** What the helper printed. Throws internal when it failed, or takes longer than 15 s. */
  async run({ id, directory, keepOpen }: HelperRun): Promise<string> {
    const [first = nothing, second = nothing] = keepOpen
    const exitCode = await this.#order(id, [id, directory, first, second])
    if (exitCode === 0) return readFile(join(directory, 'printed'), 'utf8')
    const complaint = await readFile(join(directory, 'complaint'), 'utf8').catch(() => '')
    throw new SlipwayError('internal', `${this.#options.shim} start failed (${exitCode}): ${complaint.trim()}`)
  }

  #order(id: string, lines: readonly string[]): Promise<number> {
    if (lines.some((line) => line.includes('\n'))) throw new SlipwayError('invalid', 'a path must be of one line')
    const shell = this.#shell ?? this.#open()
    const late = setTimeout(() => void this.#giveUp(id), patience)
    const exitCode = new Promise<number>((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
    setReferenced(shell, true)
    shell.stdin.write(`${lines.join('\n')}\n`)
    return exitCode.finally(() => {
      clearTimeout(late)
      this.#waiting.delete(id)
      if (this.#waiting.size === 0) setReferenced(shell, false)
    })
  }

  async #giveUp(id: string): Promise<void> {
    await killUnrecordedShim(this.namespace, id)
    this.#waiting.get(id)?.reject(new SlipwayError('internal', `${this.#options.shim} start takes too long`))
  }

  #open(): Shell {
    const { shim, namespace, events } = this.#options
    const shell = spawn('/bin/sh', ['-c', script, 'sh', shim, namespace, events], {
      cwd: '/',
      env: {
        PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
        TTRPC_ADDRESS: events,
        NAMESPACE: namespace,
        MAX_SHIM_VERSION: '3',
        GOMAXPROCS: '2',
      },
      stdio: ['pipe', 'pipe', 'ignore'],
      // Ctrl-C is for us.
      detached: true,
    })
    this.#shell = shell
    createInterface({ input: shell.stdout }).on('line', (line) => {
      const [id = '', exitCode] = line.split(' ')
      this.#waiting.get(id)?.resolve(Number(exitCode))
    })
    shell.stdin.on('error', () => undefined)
    shell.once('error', (error) => this.#lose(shell, error.message))
    shell.once('exit', (code, signal) => this.#lose(shell, `it ended (${signal ?? code})`))
    setReferenced(shell, false)
    return shell
  }

  /** Another one is opened when it is needed. */
  #lose(shell: Shell, reason: string): void {
    if (this.#shell !== shell) return
    this.#shell = undefined
    const lost = new SlipwayError('internal', `the shell that starts shims is gone: ${reason}`)
    for (const { reject } of this.#waiting.values()) reject(lost)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const shell = this.#shell
    if (shell === undefined) return
    this.#shell = undefined
    const ended = new Promise((resolve) => shell.once('exit', resolve))
    shell.ref()
    shell.stdin.end()
    await ended
  }
}

/** Whether it keeps this process from ending. */
const setReferenced = (shell: Shell, referenced: boolean): void => {
  for (const one of [shell, shell.stdin, shell.stdout] as readonly { ref?(): void; unref?(): void }[]) {
    if (referenced) one.ref?.()
    else one.unref?.()
  }
}
