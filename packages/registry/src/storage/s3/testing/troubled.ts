import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const slowMs = 300

/**
 * What befalls a request: an answer instead of the storage's, a connection that breaks before it, half-way through the answer,
 * or when all was done; a delay; nothing.
 */
export type Trouble = 'pass' | 'reset' | 'cut' | 'lost' | 'slow' | number

/** Stands in front of an S3 server, and makes trouble as the test wants it. */
export class Troubled implements AsyncDisposable {
  readonly #server: Server
  /** Decides about each request. */
  trouble: (request: IncomingMessage) => Trouble = () => 'pass'
  requests = 0

  private constructor(target: string) {
    this.#server = createServer((incoming, response) => this.#handle(target, incoming, response))
  }

  static async before(target: string): Promise<Troubled> {
    const troubled = new Troubled(target)
    troubled.#server.listen(0, '127.0.0.1')
    await once(troubled.#server, 'listening')
    return troubled
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  #handle(target: string, incoming: IncomingMessage, response: ServerResponse): void {
    this.requests += 1
    const trouble = this.trouble(incoming)
    if (trouble === 'reset') return void incoming.socket.resetAndDestroy()
    if (typeof trouble === 'number') {
      incoming.resume()
      return void response.writeHead(trouble).end(`<Error><Code>Trouble</Code></Error>`)
    }
    const { method, url, headers } = incoming
    const onward = request(`${target}${url}`, { method, headers }, (answer) => {
      if (trouble === 'lost') return void answer.resume().once('end', () => incoming.socket.resetAndDestroy())
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      if (trouble !== 'cut') return void answer.pipe(response)
      answer.once('data', (chunk: Buffer) => {
        response.write(chunk.subarray(0, chunk.length >> 1), () => incoming.socket.resetAndDestroy())
        answer.destroy()
      })
      // Nothing to cut in half.
      answer.once('end', () => response.end())
    })
    onward.on('error', () => response.destroy())
    if (trouble === 'slow') setTimeout(() => incoming.pipe(onward), slowMs)
    else incoming.pipe(onward)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
