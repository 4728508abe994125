import { type IPty, spawn } from '@lydell/node-pty'

export interface TerminalOptions {
  readonly env: NodeJS.ProcessEnv
  readonly cwd?: string
  readonly columns?: number
  readonly rows?: number
}

/** What moves the cursor and sets modes (ECMA-48, control sequences), and carriage returns: lines end with \n alone. */
const notText = /\x1b\[[0-9;?]*[a-zA-Z]|\r/g

/** A program in a real terminal, driven as a person would: type, and look at what appears. */
export class Terminal implements Disposable {
  readonly #pty: IPty
  readonly exitCode: Promise<number>
  #unread = ''
  #onChange: () => void = () => undefined
  #over = false

  constructor(program: string, args: readonly string[], { env, cwd, columns = 80, rows = 24 }: TerminalOptions) {
    const place = cwd === undefined ? {} : { cwd }
    this.#pty = spawn(program, [...args], { env: { ...env, TERM: 'xterm' }, cols: columns, rows, ...place })
    this.#pty.onData((text) => {
      this.#unread = (this.#unread + text).replace(notText, '')
      this.#onChange()
    })
    this.exitCode = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode }) => {
        this.#over = true
        this.#onChange()
        resolve(exitCode)
      })
    })
  }

  type(text: string): void {
    this.#pty.write(text)
  }

  resize(columns: number, rows: number): void {
    this.#pty.resize(columns, rows)
  }

  /** Waits until this appears after what was waited for before. Throws with what there was to see after a minute. */
  async see(pattern: RegExp, timeout = 60_000): Promise<RegExpExecArray> {
    const end = performance.now() + timeout
    for (;;) {
      const found = pattern.exec(this.#unread)
      if (found !== null) {
        this.#unread = this.#unread.slice(found.index + found[0].length)
        return found
      }
      const left = end - performance.now()
      if (left <= 0 || this.#over) throw new Error(`${pattern} never appeared in: ${JSON.stringify(this.#unread)}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#onChange = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  [Symbol.dispose](): void {
    if (!this.#over) this.#pty.kill('SIGKILL')
  }
}
