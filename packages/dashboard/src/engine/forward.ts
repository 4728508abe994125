import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { EngineClient } from '@slipway/client'
import { invalid } from '@slipway/core'
import type { ApiRequest } from '@slipway/http'

/** What a browser tells of itself is none of the engine's business, least of all our cookie. */
const passedOn = ['content-type', 'x-registry-auth'] as const

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'] as const

const methodOf = ({ raw }: ApiRequest): (typeof methods)[number] => {
  const method = methods.find((one) => one === raw.method)
  if (method === undefined) throw invalid(`the engine knows no method ${raw.method}`)
  return method
}

/** What the engine's head says of its answer; not of the connection. */
const answered = ({ 'content-type': type, 'content-length': length }: OutgoingHttpHeaders): OutgoingHttpHeaders => ({
  ...(type === undefined ? {} : { 'Content-Type': type }),
  ...(length === undefined ? {} : { 'Content-Length': length }),
  'Cache-Control': 'no-store',
})

/** Where the engine's own API is found below the dashboard's. */
export const enginePrefix = '/api/engine'

/** Hands a request to the engine and its answer back, whatever its status, as the bytes come. Throws unavailable. */
export const forward = async (client: EngineClient, request: ApiRequest, response: ServerResponse): Promise<void> => {
  const { raw, query, signal } = request
  const headers: Record<string, string> = {}
  for (const name of passedOn) {
    const value = raw.headers[name]
    if (typeof value === 'string') headers[name] = value
  }
  const hasBody = raw.headers['transfer-encoding'] !== undefined || Number(raw.headers['content-length'] ?? 0) > 0
  const answer = await client.forward({
    method: methodOf(request),
    path: request.path.slice(enginePrefix.length),
    query: Object.fromEntries(query),
    headers,
    signal,
    ...(hasBody ? { body: raw } : {}),
  })
  response.writeHead(answer.statusCode ?? 502, answered(answer.headers))
  response.flushHeaders()
  // A browser that leaves a stream of logs or events ends it: that is no failure.
  await pipeline(answer, response, { signal }).catch((error) => {
    if (!signal.aborted) throw error
  })
}
