import type { IconName } from '../parts/icons.tsx'

/** The rooms of the dashboard, in the order of the navigation. */
export const places = [
  { name: 'containers', path: '/containers' },
  { name: 'images', path: '/images' },
  { name: 'networks', path: '/networks' },
  { name: 'volumes', path: '/volumes' },
  { name: 'disk', path: '/disk' },
  { name: 'events', path: '/events' },
] as const satisfies readonly { readonly name: IconName; readonly path: string }[]
