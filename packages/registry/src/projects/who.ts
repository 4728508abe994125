import type { Action } from '@slipway/core'
import { anonymous, type Caller } from '../access/caller.ts'
import { authenticate, setChallenge } from '../access/challenge.ts'
import type { Who } from '../api/route.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { Registry } from '../registry.ts'

/** Whether the caller may do it to the project itself. Tokens with limits speak for repositories only. */
export const callerMayInProject = (
  registry: Registry,
  { identity, access, limits }: Caller,
  action: Action,
  project: string,
): Promise<boolean> => {
  const who = access !== undefined || limits !== undefined ? anonymous : identity
  return registry.authorizer.allows(who, action, { kind: 'project', name: project })
}

const meanings: Readonly<Record<Action, string>> = {
  pull: 'who may see the project',
  push: 'developers of the project',
  delete: 'maintainers of the project',
  manage: 'owners of the project',
}

/**
 * Who may do it to the project that the path names. Of one that isn't there one learns as little as of one that one may not
 * see.
 */
export const inProject = (action: Action): Who => ({
  about: meanings[action],
  admit: async (request, response, registry, { project }) => {
    const caller = await authenticate(request, response, registry)
    if (await callerMayInProject(registry, caller, action, project)) return caller
    if (caller.access === undefined && caller.identity.kind !== 'anonymous') throw ociError('DENIED')
    setChallenge(request, response)
    throw ociError('UNAUTHORIZED')
  },
})
