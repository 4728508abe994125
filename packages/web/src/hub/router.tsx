import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { useWords } from '../words/words.tsx'
import { ExplorePage } from './explore.tsx'
import { HubShell } from './shell.tsx'

const NoPage = () => <p>{useWords().app.noPage}</p>

const root = createRootRoute({ component: HubShell, notFoundComponent: NoPage })

const routes = [
  createRoute({
    getParentRoute: () => root,
    path: '/',
    validateSearch: ({ q }): { readonly q?: string } => (typeof q === 'string' && q !== '' ? { q } : {}),
    component: ExplorePage,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/sign-in',
    component: lazyRouteComponent(() => import('./sign-in.tsx'), 'SignInPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/sign-up',
    component: lazyRouteComponent(() => import('./sign-up.tsx'), 'SignUpPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/account',
    component: lazyRouteComponent(() => import('./account/page.tsx'), 'AccountPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/people',
    component: lazyRouteComponent(() => import('./people.tsx'), 'PeoplePage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/webhooks',
    component: lazyRouteComponent(() => import('./webhook/page.tsx'), 'WebhooksPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/garbage',
    component: lazyRouteComponent(() => import('./garbage.tsx'), 'GarbagePage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/feed',
    component: lazyRouteComponent(() => import('./watch/feed.tsx'), 'FeedPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/audit',
    component: lazyRouteComponent(() => import('./watch/audit.tsx'), 'AuditPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/projects',
    component: lazyRouteComponent(() => import('./project/list.tsx'), 'ProjectsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/projects/$project',
    validateSearch: ({ tab }): { readonly tab?: string } => (typeof tab === 'string' ? { tab } : {}),
    component: lazyRouteComponent(() => import('./project/page.tsx'), 'ProjectRoute'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/teams',
    component: lazyRouteComponent(() => import('./project/teams.tsx'), 'TeamsPage'),
  }),
  // A name has slashes; what follows `/-/` is of one image.
  createRoute({
    getParentRoute: () => root,
    path: '/repositories/$',
    validateSearch: ({ tab }): { readonly tab?: string } => (typeof tab === 'string' ? { tab } : {}),
    component: lazyRouteComponent(() => import('./repository.tsx'), 'RepositoryRoute'),
  }),
]

export const router = createRouter({ routeTree: root.addChildren(routes), defaultPreload: 'intent' })
