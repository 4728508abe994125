import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Keys, S3Options } from '../options.ts'

export type Bucket = S3Options

/** What `npm test` unpacks. */
const root = join(import.meta.dirname, '../../../../../../.slipway/bin/moto')

/** An S3 server of a test's own, on a free port of the loopback: it holds everything in memory, and checks no signatures. */
export class Moto implements AsyncDisposable {
  readonly url: string
  readonly #process: ChildProcess
  #buckets = 0

  private constructor(url: string, child: ChildProcess) {
    this.url = url
    this.#process = child
  }

  static async start(): Promise<Moto> {
    const child = spawn('chroot', [root, 'python3', '/usr/bin/moto_server', '-H', '127.0.0.1', '-p', '0'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const lines: string[] = []
    for await (const line of createInterface(child.stderr)) {
      const [, url] = /Running on (http:\S+)/.exec(line) ?? []
      lines.push(line)
      if (url === undefined) continue
      child.stderr.resume()
      return new Moto(url, child)
    }
    throw new Error(`moto did not start:\n${lines.join('\n')}`)
  }

  /** A new bucket. */
  async createBucket(): Promise<S3Options> {
    this.#buckets += 1
    const bucket = `bucket-${this.#buckets}`
    const { status } = await fetch(`${this.url}/${bucket}`, { method: 'PUT' })
    if (status !== 200) throw new Error(`moto made no bucket: ${status}`)
    const keys: Keys = { accessKeyId: 'test', secretAccessKey: 'test-secret' }
    return { bucket, prefix: 'some/where/', region: 'us-east-1', endpoint: this.url, redirect: false, keys }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await gone
  }
}
