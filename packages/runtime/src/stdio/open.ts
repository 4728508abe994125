import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import type { StdioPaths } from '@slipway/core'
import { ensureFifo, type FifoEnd, openFifoReader, openFifoWriter } from './fifo.ts'
import type { Output } from './output.ts'

export interface StdioOptions {
  /** Made if it isn't there; holds the FIFOs `stdin`, `stdout` and `stderr`. */
  readonly directory: string
  readonly stdin: boolean
  /** With a terminal there is no stderr: all comes on stdout. */
  readonly terminal: boolean
}

/**
 * The daemon's ends of a process's streams. `stdout` and `stderr` end when the process, all who inherited its streams, and
 * the shim have closed theirs. Nothing is read before someone asks for it.
 *
 * `stdin.end()` closes our end; the shim keeps one too, so that a daemon's death is no end of file: tell it with
 * `closeStdin()` of the process.
 */
export interface Stdio extends AsyncDisposable {
  readonly paths: StdioPaths
  readonly stdin?: Writable
  readonly stdout: Output
  readonly stderr?: Output
  /**
   * Call it when `runtime.create()` (for an exec: `start()`) has returned, and so the shim has opened the FIFOs. Before that
   * the streams don't end.
   */
  release(): void
  /** They don't keep the process alive any more. */
  unref(): void
  /** Closes what is still open, read or not; the FIFOs stay (they go with their directory). */
  close(): void
}

/** Makes and opens the FIFOs of a process that is about to be created. */
export const openStdio = ({ directory, stdin, terminal }: StdioOptions): Stdio => {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const paths = stdioPaths({ directory, stdin, terminal })
  const opened: FifoEnd<Output | Writable>[] = []
  const release = (): void => {
    for (const end of opened) end.release()
  }
  const close = (): void => {
    for (const end of opened) end.close()
  }
  const open = <End extends (typeof opened)[number]>(path: string, opener: (path: string) => End): End['stream'] => {
    ensureFifo(path)
    const end = opener(path)
    opened.push(end)
    return end.stream
  }
  try {
    return {
      paths,
      stdout: open(join(directory, 'stdout'), openFifoReader),
      ...(paths.stderr === undefined ? {} : { stderr: open(paths.stderr, openFifoReader) }),
      ...(paths.stdin === undefined ? {} : { stdin: open(paths.stdin, openFifoWriter) }),
      release,
      unref: () => {
        for (const end of opened) end.unref()
      },
      close,
      [Symbol.asyncDispose]: async () => close(),
    }
  } catch (error) {
    close()
    throw error
  }
}

/**
 * Opens them again after the daemon was restarted. What the process wrote meanwhile is still there; if it has ended, the
 * streams end after that.
 */
export const reopenStdio = (options: StdioOptions): Stdio => {
  const stdio = openStdio(options)
  stdio.release()
  return stdio
}

const stdioPaths = ({ directory, stdin, terminal }: StdioOptions): StdioPaths => ({
  terminal,
  stdout: join(directory, 'stdout'),
  ...(terminal ? {} : { stderr: join(directory, 'stderr') }),
  ...(stdin ? { stdin: join(directory, 'stdin') } : {}),
})
