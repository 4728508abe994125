import {
  HubImage,
  OfficialChoice,
  RepositoryEdit,
  RepositoryList,
  RepositoryPage,
  RepositorySearch,
  TagList,
  TagListQuery,
  VisibilityChoice,
} from '@slipway/client/hub'
import { type Pages, type Route, servePage } from '@slipway/http'
import { type ApiRoute, route } from '../api/route.ts'
import { anyone, manager, may } from '../api/who.ts'
import { signInRoutes } from '../sign-in/routes.ts'
import { accountRoutes } from './account-routes.ts'
import { explore } from './explore.ts'
import { getImage } from './image.ts'
import { putOfficial } from './official.ts'
import { getSummary, putSummary } from './repository.ts'
import { sessionRoutes } from './session-routes.ts'
import { deleteStar, putStar } from './stars.ts'
import { deleteTag, getTags } from './tags.ts'
import { putVisibility } from './visibility.ts'

/** What the pages ask for. No part of a repository's name is `-`: what stands behind it is ours. */
export const hubRoutes: readonly ApiRoute[] = [
  ...sessionRoutes,
  ...accountRoutes,
  ...signInRoutes,
  route('GET', '/api/v1/repositories', {
    id: 'listRepositories',
    summary: 'Repositories that the caller may read, by name, all or those that a text is found in',
    who: anyone,
    query: RepositorySearch,
    answer: RepositoryList,
    handle: explore,
  }),
  route('GET', '/api/v1/repositories/{name...}/-/summary', {
    id: 'readRepository',
    summary: 'A repository’s page, and what the caller may do there',
    who: may('pull'),
    answer: RepositoryPage,
    handle: getSummary,
  }),
  route('PUT', '/api/v1/repositories/{name...}/-/summary', {
    id: 'editRepository',
    summary: 'Description and README; 409 when somebody else has edited them meanwhile',
    who: may('push'),
    deed: 'repository.describe',
    body: RepositoryEdit,
    largestBody: 1 << 20,
    handle: putSummary,
  }),
  route('PUT', '/api/v1/repositories/{name...}/-/visibility', {
    id: 'setVisibility',
    summary: 'Whether everyone may pull, or only those who were granted it',
    who: may('manage'),
    deed: 'visibility.change',
    body: VisibilityChoice,
    handle: putVisibility,
  }),
  route('PUT', '/api/v1/repositories/{name...}/-/official', {
    id: 'setOfficial',
    summary: 'Gives a repository the official badge, or takes it away',
    who: manager,
    deed: 'official.change',
    body: OfficialChoice,
    handle: putOfficial,
  }),
  route('PUT', '/api/v1/repositories/{name...}/-/star', {
    id: 'star',
    summary: 'Stars a repository',
    who: may('pull'),
    handle: putStar,
  }),
  route('DELETE', '/api/v1/repositories/{name...}/-/star', {
    id: 'unstar',
    summary: 'Takes one’s star away',
    who: may('pull'),
    handle: deleteStar,
  }),
  route('GET', '/api/v1/repositories/{name...}/-/tags', {
    id: 'listTags',
    summary: 'Tags, by name',
    who: may('pull'),
    query: TagListQuery,
    answer: TagList,
    handle: getTags,
  }),
  route('DELETE', '/api/v1/repositories/{name...}/-/tags/{tag}', {
    id: 'removeTag',
    summary: 'Takes a tag away; what it named stays until its time has come',
    who: may('delete'),
    deed: 'tag.delete',
    handle: deleteTag,
  }),
  route('GET', '/api/v1/repositories/{name...}/-/images/{digest}', {
    id: 'readImage',
    summary: 'Manifest and config of an image, who shares its layers, and what a delete would free',
    who: may('pull'),
    answer: HubImage,
    handle: getImage,
  }),
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
  '/projects',
  '/projects/{project}',
  '/teams',
  '/webhooks',
  '/garbage',
  '/feed',
  '/audit',
  '/assets/{file}',
  '/slipway.svg',
].map(page)
