import { NewTeam, PageQuery, TeamList } from '@slipway/client/hub'
import { accountOf } from '../access/caller.ts'
import { setChallenge } from '../access/challenge.ts'
import { hasAccounts } from '../accounts/records.ts'
import { pageFrom, pageSize } from '../api/page.ts'
import { type ApiRoute, type Asked, route, type Who } from '../api/route.ts'
import { anyone, manager } from '../api/who.ts'
import { noteDeed } from '../audit/note.ts'
import { ociError } from '../distribution/oci-error.ts'
import { descriptionFrom } from '../projects/description.ts'
import type { Registry } from '../registry.ts'
import { addTeam, joinTeam, leaveTeam, listTeams, removeTeam } from './records.ts'

/** Who owns a project must find the teams to make members. */
const somebody: Who = {
  about: 'an account, not one of its limited tokens',
  admit: async (request, response, registry, place) => {
    const caller = await anyone.admit(request, response, registry, place)
    const { identity, access, limits } = caller
    const isSomebody = identity.kind !== 'anonymous' && access === undefined && limits === undefined
    if (isSomebody || !(await hasAccounts(registry.database.sql))) return caller
    setChallenge(request, response)
    throw ociError('UNAUTHORIZED')
  },
}

const list = async (
  { query: { after = '' } }: Asked<{ readonly query: PageQuery }>,
  { database: { sql } }: Registry,
): Promise<TeamList> => {
  const { rows, next } = pageFrom(await listTeams(sql, { after, limit: pageSize + 1 }), ({ name }) => name)
  return { teams: rows, next }
}

const namesIn = ({ params }: Asked): readonly [team: string, account: string] => [
  params['team'] ?? '',
  params['account'] ?? '',
]

const noteMember = (asked: Asked, registry: Registry, action: string): void => {
  const [subject, detail] = namesIn(asked)
  noteDeed(registry, asked, accountOf(asked.caller), { action, subject, detail })
}

/** Teams are groups of accounts, made by who manages the registry; a team can be a member of projects. */
export const teamRoutes: readonly ApiRoute[] = [
  route('GET', '/api/v1/teams', {
    id: 'listTeams',
    summary: 'Teams, by name, with the accounts in each',
    who: somebody,
    query: PageQuery,
    answer: TeamList,
    handle: list,
  }),
  route('POST', '/api/v1/teams', {
    id: 'addTeam',
    summary: 'Makes a team',
    who: manager,
    body: NewTeam,
    status: 201,
    handle: async (asked, registry) => {
      const { name, description } = asked.body
      await addTeam(registry.database.sql, name, descriptionFrom(description))
      noteDeed(registry, asked, accountOf(asked.caller), { action: 'team.make', subject: name })
    },
  }),
  route('DELETE', '/api/v1/teams/{team}', {
    id: 'removeTeam',
    summary: 'Removes a team, from all projects too',
    who: manager,
    deed: 'team.remove',
    handle: (asked, { database: { sql } }) => removeTeam(sql, namesIn(asked)[0]),
  }),
  route('PUT', '/api/v1/teams/{team}/members/{account}', {
    id: 'joinTeam',
    summary: 'Puts an account into a team',
    who: manager,
    handle: async (asked, registry) => {
      await registry.database.transaction((sql) => joinTeam(sql, ...namesIn(asked)))
      noteMember(asked, registry, 'team.join')
    },
  }),
  route('DELETE', '/api/v1/teams/{team}/members/{account}', {
    id: 'leaveTeam',
    summary: 'Takes an account out of a team',
    who: manager,
    handle: async (asked, registry) => {
      await leaveTeam(registry.database.sql, ...namesIn(asked))
      noteMember(asked, registry, 'team.leave')
    },
  }),
]
