import { once } from 'node:events'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'

/** Answers with JSON and a closing newline, as dockerd does. */
export const sendJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: OutgoingHttpHeaders = {},
): void => {
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`)
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': bytes.length, ...headers })
  response.end(response.req.method === 'HEAD' ? undefined : bytes)
}

/** Answers with a status and headers alone. */
export const sendEmpty = (response: ServerResponse, status: number, headers: OutgoingHttpHeaders = {}): void => {
  response.writeHead(status, headers)
  response.end()
}

/**
 * A stream of JSON objects, a line each, as pull, push, build, events and stats send them. The head goes out with the first
 * object (or `open()`), so an error before that can still be an ordinary answer.
 */
export class JsonStream {
  readonly #response: ServerResponse
  readonly #separator: string

  constructor(response: ServerResponse, options: { separator?: '\r\n' | '\n' } = {}) {
    this.#response = response
    this.#separator = options.separator ?? '\r\n'
  }

  get isOpen(): boolean {
    return this.#response.headersSent
  }

  /** Sends the head at once: the client waits for it. */
  open(): void {
    if (this.#response.headersSent) return
    this.#response.writeHead(200, { 'Content-Type': 'application/json' })
    this.#response.flushHeaders()
  }

  /** Fire and forget: for progress, of which there is little. */
  write(object: unknown): void {
    this.open()
    if (this.#response.writable) this.#response.write(JSON.stringify(object) + this.#separator)
  }

  /** Waits until a slow reader has taken what is there: for endless streams. */
  async send(object: unknown, signal?: AbortSignal): Promise<void> {
    this.write(object)
    if (!this.#response.writableNeedDrain) return
    await once(this.#response, 'drain', signal ? { signal } : {}).catch(() => undefined)
  }

  end(): void {
    this.open()
    this.#response.end()
  }
}
