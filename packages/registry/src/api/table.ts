import { Type } from '@sinclair/typebox'
import { feedRoutes } from '../feed/routes.ts'
import { hubRoutes } from '../hub/routes.ts'
import { projectRoutes } from '../projects/routes.ts'
import { ruleRoutes } from '../rules/routes.ts'
import { teamRoutes } from '../teams/routes.ts'
import { projectWebhookRoutes } from '../webhooks/project-routes.ts'
import { webhookRoutes } from '../webhooks/routes.ts'
import { documentOf } from './document.ts'
import { type ApiRoute, route } from './route.ts'
import { apiRoutes } from './routes.ts'
import { nobody } from './who.ts'

/** Every route of `/api/v1/`, and so what its description says. */
export const apiTable: readonly ApiRoute[] = [
  ...hubRoutes,
  ...webhookRoutes,
  ...feedRoutes,
  ...projectRoutes,
  ...projectWebhookRoutes,
  ...ruleRoutes,
  ...teamRoutes,
  ...apiRoutes,
  route('GET', '/api/v1/openapi.json', {
    id: 'describe',
    summary: 'This document',
    who: nobody,
    answer: Type.Unsafe<object>({ type: 'object' }),
    handle: async () => documentOf(apiTable),
  }),
]
