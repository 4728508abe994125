import type { Registry } from '../registry.ts'
import type { Access } from '../tokens/scope.ts'
import { type Caller, callerMayEverywhere } from './caller.ts'
import type { ReadableQuery } from './visibility.ts'

const mayListAll = (registry: Registry, caller: Caller): Promise<boolean> =>
  callerMayEverywhere(registry, { identity: caller.identity }, 'pull')

export const isForCatalog = (access: readonly Access[]): boolean =>
  access.some(({ type, name }) => type === 'registry' && name === 'catalog')

/**
 * Whose repositories a list is to show. A token that wasn't issued for the catalogue, or is limited, shows what everyone may
 * see.
 */
export const readableBy = async (
  registry: Registry,
  caller: Caller,
): Promise<Pick<ReadableQuery, 'account' | 'all' | 'fallback'>> => {
  const fallback = registry.settings.visibility
  const isForAll = caller.access === undefined || isForCatalog(caller.access)
  if (!isForAll || caller.limits !== undefined) return { account: '', all: false, fallback }
  return { account: caller.identity.name, all: await mayListAll(registry, caller), fallback }
}
