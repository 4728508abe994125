import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** What a registry has under a digest or a tag; `answer` gives something else than what it should. */
export interface Content {
  readonly name: string
  readonly bytes: Uint8Array
  readonly mediaType?: string
  readonly answer?: (response: ServerResponse, bytes: Uint8Array) => void
}

export interface LyingRegistry extends AsyncDisposable {
  readonly address: string
}

/** A registry of one repository, as the distribution protocol has it, that does what it wants with what it is asked for. */
export const openLyingRegistry = async (contents: readonly Content[]): Promise<LyingRegistry> => {
  const byName = new Map(contents.map((content) => [content.name, content]))
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    if (path === '/v2/') return void response.end('{}')
    const content = byName.get(path.split('/').at(-1) ?? '')
    if (content === undefined) return void response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')
    const { bytes, mediaType = 'application/octet-stream', answer } = content
    response.setHeader('Content-Type', mediaType)
    if (request.method === 'HEAD') {
      response.setHeader('Docker-Content-Digest', digestOf(bytes))
      return void response.setHeader('Content-Length', bytes.length).end()
    }
    if (answer !== undefined) return answer(response, bytes)
    response.setHeader('Content-Length', bytes.length).end(bytes)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
