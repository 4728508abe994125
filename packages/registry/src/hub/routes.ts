import { type Pages, type Route, servePage } from '@slipway/http'
import { repositoryRoute as on } from '../distribution/repository-route.ts'
import type { Registry } from '../registry.ts'
import { signInRoutes } from '../sign-in/routes.ts'
import { accountRoutes } from './accounts.ts'
import { explore } from './explore.ts'
import { getImage } from './image.ts'
import { getSummary, putSummary } from './repository.ts'
import { sessionRoutes } from './session-routes.ts'
import { deleteStar, putStar } from './stars.ts'
import { deleteTag, getTags } from './tags.ts'
import { putVisibility } from './visibility.ts'

/** What the pages ask for. No part of a repository's name is `-`: what stands behind it is ours. */
export const hubRoutes: readonly Route<Registry>[] = [
  ...sessionRoutes,
  ...signInRoutes,
  ...accountRoutes,
  { method: 'GET', path: '/api/v1/repositories', handle: explore },
  on('GET', '/api/v1/repositories/{name...}/-/summary', 'pull', getSummary),
  on('PUT', '/api/v1/repositories/{name...}/-/summary', 'push', putSummary, 'repository.describe'),
  on('PUT', '/api/v1/repositories/{name...}/-/visibility', 'manage', putVisibility, 'visibility.change'),
  on('PUT', '/api/v1/repositories/{name...}/-/star', 'pull', putStar),
  on('DELETE', '/api/v1/repositories/{name...}/-/star', 'pull', deleteStar),
  on('GET', '/api/v1/repositories/{name...}/-/tags', 'pull', getTags),
  on('DELETE', '/api/v1/repositories/{name...}/-/tags/{tag}', 'delete', deleteTag, 'tag.delete'),
  on('GET', '/api/v1/repositories/{name...}/-/images/{digest}', 'pull', getImage),
]

interface PageDeps {
  readonly pages: Pages
}

const page = (path: string): Route<PageDeps> => ({
  method: 'GET',
  path,
  handle: async (request, response, { pages }) => servePage(request, response, pages),
})

/** The addresses of pages: all others stay the registry's own, with its own errors. */
export const hubPageRoutes: readonly Route<PageDeps>[] = [
  '/',
  '/repositories',
  '/repositories/{path...}',
  '/sign-in',
  '/sign-up',
  '/account',
  '/people',
  '/webhooks',
  '/garbage',
  '/assets/{file}',
  '/slipway.svg',
].map(page)
