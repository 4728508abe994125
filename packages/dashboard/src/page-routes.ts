import { SlipwayError } from '@slipway/core'
import { type Pages, type Route, servePage } from '@slipway/http'

interface Deps {
  readonly pages: Pages
}

/** Every address that is nothing else's is a page's. */
export const pageRoutes: readonly Route<Deps>[] = [
  {
    method: 'GET',
    path: '/api/{path...}',
    handle: async () => {
      throw new SlipwayError('not-found', 'page not found')
    },
  },
  { method: 'GET', path: '/', handle: async (request, response, { pages }) => servePage(request, response, pages) },
  {
    method: 'GET',
    path: '/{path...}',
    handle: async (request, response, { pages }) => servePage(request, response, pages),
  },
]
