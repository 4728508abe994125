import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { peersDirectory } from './root.ts'

const script = join(dirname(fileURLToPath(import.meta.url)), 'enter.sh')

const environment = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'HOME=/root',
  'LANG=C.UTF-8',
  'PODMAN_IGNORE_CGROUPSV1_WARNING=1',
]

/** The peers' Debian root in mount and network namespaces of its own: their bridges and rules don't touch the host's. */
export class Enclosure implements AsyncDisposable {
  readonly #holder: ChildProcess

  private constructor(holder: ChildProcess) {
    this.#holder = holder
  }

  static async open(): Promise<Enclosure> {
    const args = ['--mount', '--net', '--propagation', 'private', 'sh', script, peersDirectory]
    const holder = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
    const ready = once(holder.stdout, 'data')
    const died = once(holder, 'close').then(([code]) => {
      throw new Error(`the peers' root could not be entered (${code})`)
    })
    died.catch(() => undefined)
    await Promise.race([ready, died])
    return new Enclosure(holder)
  }

  /** A command line that becomes another one, inside; with the network of the host if that is asked for. */
  command(inner: readonly string[], { hostNetwork = false } = {}): readonly string[] {
    const holder = String(this.#holder.pid)
    const enter = ['nsenter', '-t', holder, '--mount', ...(hostNetwork ? [] : ['--net']), '--root', '--wd']
    return [...enter, 'env', '-i', ...environment, ...inner]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#holder, 'close')
    this.#holder.stdin?.end()
    await closed
  }
}
