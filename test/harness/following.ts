import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { eventually } from './patience.ts'

/** A program that goes on, and what it has said on both streams so far. Disposing ends it politely. */
export class Following implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  #said = ''

  constructor(child: ChildProcessByStdio<Writable, Readable, Readable>) {
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text
      })
    }
  }

  /** Waits until it has said this, now or before. */
  async see(pattern: RegExp): Promise<RegExpExecArray> {
    try {
      return await eventually(`${pattern} appears`, () => pattern.exec(this.#said) ?? undefined, 60_000)
    } catch (error) {
      throw new Error(`${pattern} did not appear in:\n${this.#said}`, { cause: error })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    await gone
  }
}
