import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Answer {
  readonly status: number
  readonly text: string
  /** The `message` of an error, else the whole text. */
  readonly message: string
}

export interface Ask {
  readonly method?: string
  readonly body?: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

const messageIn = (body: string): string => {
  try {
    const { message } = JSON.parse(body) as { message?: unknown }
    return typeof message === 'string' ? message : body
  } catch {
    return body
  }
}

/** Sends a request to a unix socket; the answer's body is still to be read. */
export const send = (socketPath: string, path: string, ask: Ask = {}): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { method = 'GET', body, headers, signal } = ask
    const type = body === undefined ? {} : { 'Content-Type': 'application/json' }
    const outgoing = request({
      socketPath,
      path,
      method,
      headers: { ...type, ...headers },
      ...(signal ? { signal } : {}),
    })
    outgoing.on('response', resolve)
    outgoing.on('error', reject)
    outgoing.end(body)
  })

/** Asks the engine itself, for what the clients don't show: statuses and messages. */
export const askEngine = async (socketPath: string, path: string, ask: Ask = {}): Promise<Answer> => {
  const response = await send(socketPath, path, ask)
  const body = await text(response)
  return { status: response.statusCode ?? 0, text: body, message: messageIn(body) }
}
