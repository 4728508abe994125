import { randomBytes } from 'node:crypto'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { SlipwayError } from '@slipway/core'
import type { ApiRequest, Route } from '@slipway/http'
import type { PageFile } from './read-pages.ts'

interface Deps {
  readonly pages: ReadonlyMap<string, PageFile>
}

/** In the page, where the nonce of this answer belongs: xterm.js makes style elements, and needs it for them. */
const noncePlace = '%NONCE%'

const policy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

const send = (response: ServerResponse, bytes: Buffer, headers: OutgoingHttpHeaders): void => {
  response.writeHead(200, { ...headers, 'Content-Length': bytes.length })
  response.end(response.req.method === 'HEAD' ? undefined : bytes)
}

const sendIndex = (response: ServerResponse, { type, bytes }: PageFile): void => {
  const nonce = randomBytes(16).toString('base64')
  send(response, Buffer.from(bytes.toString('utf8').replaceAll(noncePlace, nonce)), {
    'Content-Type': type,
    'Content-Security-Policy': policy(nonce),
    'Cache-Control': 'no-store',
  })
}

/** Its name holds a digest of what is in it. */
const sendAsset = ({ raw }: ApiRequest, response: ServerResponse, { type, bytes, zipped }: PageFile): void => {
  const asks = /\bgzip\b/.test(String(raw.headers['accept-encoding'] ?? ''))
  const shared = { 'Content-Type': type, 'Cache-Control': 'max-age=31536000, immutable', Vary: 'Accept-Encoding' }
  if (zipped !== undefined && asks) send(response, zipped, { ...shared, 'Content-Encoding': 'gzip' })
  else send(response, bytes, shared)
}

const notBuilt = (): SlipwayError =>
  new SlipwayError('not-found', 'the pages have not been built: "npm start" builds them, or "npm run build:pages"')

/** Every address that is no file is a page's: the pages' own router reads it. */
export const pageRoutes: readonly Route<Deps>[] = [
  {
    method: 'GET',
    path: '/',
    handle: async (_request, response, { pages }) => {
      const index = pages.get('/index.html')
      if (index === undefined) throw notBuilt()
      sendIndex(response, index)
    },
  },
  {
    method: 'GET',
    path: '/{path...}',
    handle: async (request, response, { pages }) => {
      const file = request.path === '/index.html' ? undefined : pages.get(request.path)
      const index = pages.get('/index.html')
      if (file !== undefined) sendAsset(request, response, file)
      else if (index === undefined) throw notBuilt()
      else if (request.path.startsWith('/assets/') || request.path.startsWith('/api/')) {
        throw new SlipwayError('not-found', 'page not found')
      } else sendIndex(response, index)
    },
  },
]
