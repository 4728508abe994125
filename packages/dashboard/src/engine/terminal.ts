import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { attachExec, type EngineClient } from '@slipway/client'
import { invalid } from '@slipway/core'
import { type ApiRequest, acceptWebSocket } from '@slipway/http'

const readSize = (query: URLSearchParams, name: string): number => {
  const size = Number(query.get(name))
  if (!Number.isInteger(size) || size < 1 || size > 10_000) throw invalid(`invalid ${name} of a terminal`)
  return size
}

/**
 * Starts an exec that the page has made (`POST …/exec`, with `Tty` and all three streams) with its streams on a WebSocket:
 * what is typed comes as text or binary messages, and what is shown goes out as binary ones. Ends with the exec; a page that
 * leaves ends its input, as a terminal that is closed does.
 */
export const openTerminal = async (
  client: EngineClient,
  request: ApiRequest,
  response: ServerResponse,
): Promise<void> => {
  const { params, query, signal } = request
  const size = [readSize(query, 'rows'), readSize(query, 'columns')] as const
  const page = await acceptWebSocket(request, response, { binary: true })
  const exec = await attachExec(client, params['id'] ?? '', { Tty: true, ConsoleSize: size }, { signal }).catch(
    (error: Error) => {
      page.end(`${error.message}\r\n`)
      throw error
    },
  )
  // Whichever side ends takes the other with it.
  await Promise.race([pipeline(page, exec, { end: false }), pipeline(exec, page)]).catch(() => undefined)
  exec.destroy()
  page.end()
}
