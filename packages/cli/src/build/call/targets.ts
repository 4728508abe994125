import type { Shown } from './call.ts'
import { columns } from './columns.ts'

interface Targets {
  readonly targets?: readonly { readonly name?: string; readonly description?: string; readonly default?: boolean }[]
}

/** The stages that can be built. */
export const showTargets = (answer: unknown): Shown => {
  const { targets = [] } = answer as Targets
  const rows = targets.map(({ name = '', description = '', default: isDefault = false }) => [
    isDefault ? `${name} (default)`.trim() : name,
    description,
  ])
  return { stdout: columns([['TARGET', 'DESCRIPTION'], ...rows], 1) }
}
