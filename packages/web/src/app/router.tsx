import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { ContainersPage } from '../containers/list.tsx'
import { useWords } from '../words/words.tsx'
import { Shell } from './shell.tsx'

const NoPage = () => <p>{useWords().app.noPage}</p>

const root = createRootRoute({ component: Shell, notFoundComponent: NoPage })

/** Only the first page is in the first bundle. */
const routes = [
  createRoute({
    getParentRoute: () => root,
    path: '/',
    beforeLoad: () => {
      throw redirect({ to: '/containers' })
    },
    component: Outlet,
  }),
  createRoute({ getParentRoute: () => root, path: '/containers', component: ContainersPage }),
  createRoute({
    getParentRoute: () => root,
    path: '/containers/$id',
    validateSearch: ({ tab }): { readonly tab?: string } => (typeof tab === 'string' ? { tab } : {}),
    component: lazyRouteComponent(() => import('../containers/detail.tsx'), 'ContainerPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/images',
    component: lazyRouteComponent(() => import('../images/list.tsx'), 'ImagesPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/images/$id',
    component: lazyRouteComponent(() => import('../images/detail.tsx'), 'ImagePage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/networks',
    component: lazyRouteComponent(() => import('../networks/list.tsx'), 'NetworksPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/volumes',
    component: lazyRouteComponent(() => import('../volumes/list.tsx'), 'VolumesPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/disk',
    component: lazyRouteComponent(() => import('../system/disk.tsx'), 'DiskPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/events',
    component: lazyRouteComponent(() => import('../system/events.tsx'), 'EventsPage'),
  }),
]

export const router = createRouter({ routeTree: root.addChildren(routes), defaultPreload: 'intent' })

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
