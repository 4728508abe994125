import type { Shown } from './call.ts'
import { columns } from './columns.ts'

type Described = readonly { readonly name: string; readonly version: string; readonly description: string }[]

/** What a frontend can be asked. */
export const showDescribed = (answer: unknown): Shown => {
  const rows = (answer as Described).map(({ name, version, description }) => [
    name.replace(/^frontend\./, ''),
    version,
    description,
  ])
  return { stdout: columns([['NAME', 'VERSION', 'DESCRIPTION'], ...rows], 1) }
}
