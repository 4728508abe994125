import { SlipwayError } from '@slipway/core'
import { type ApiRequest, type Route, sendJson } from '@slipway/http'
import { parseFilters } from '../filters.ts'

/** Nothing of what is asked for is ever there: this engine has no plugins. */
const notFound = async ({ params }: ApiRequest): Promise<void> => {
  throw new SlipwayError('not-found', `plugin "${params['name']?.slice(0, 200)}" not found`)
}

const notSupported = async (): Promise<void> => {
  throw new SlipwayError('unsupported', 'plugins are not supported by this engine')
}

const verbs = ['enable', 'disable', 'upgrade', 'push', 'set']

export const pluginRoutes: readonly Route<unknown>[] = [
  {
    method: 'GET',
    path: '/plugins',
    async handle({ query }, response) {
      parseFilters(query.get('filters'), ['capability', 'enabled'])
      sendJson(response, 200, [])
    },
  },
  { method: 'GET', path: '/plugins/privileges', handle: notSupported },
  { method: 'POST', path: '/plugins/pull', handle: notSupported },
  { method: 'POST', path: '/plugins/create', handle: notSupported },
  { method: 'GET', path: '/plugins/{name...}/json', handle: notFound },
  ...verbs.map((verb): Route<unknown> => ({ method: 'POST', path: `/plugins/{name...}/${verb}`, handle: notFound })),
  { method: 'DELETE', path: '/plugins/{name...}', handle: notFound },
]
