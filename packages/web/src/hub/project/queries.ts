import type {
  DoomedTag,
  ProjectMember,
  ProjectPage,
  ProjectRobot,
  ProjectRole,
  ProjectRow,
  ProjectRule,
  RepositoryCard,
  Team,
} from '@slipway/client'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { ask } from '../../calls/ask.ts'
import { hubJson } from '../queries.ts'

interface Page {
  readonly next: string | null
}

const at = (project: string): string => `/projects/${project}`
const robotAt = (project: string, robot: string): string => `${at(project)}/robots/${encodeURIComponent(robot)}`

export const projectsQuery = (text: string, mine: boolean) =>
  infiniteQueryOptions({
    queryKey: ['project', 'list', text, mine],
    queryFn: ({ pageParam, signal }) =>
      hubJson<Page & { readonly projects: readonly ProjectRow[] }>('/projects', {
        query: { q: text, mine, after: pageParam },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
  })

export const projectQuery = (name: string) =>
  queryOptions({
    queryKey: ['project', name, 'page'],
    queryFn: ({ signal }) => hubJson<ProjectPage>(at(name), { signal }),
  })

export const projectRepositoriesQuery = (name: string) =>
  infiniteQueryOptions({
    queryKey: ['project', name, 'repositories'],
    queryFn: ({ pageParam, signal }) =>
      hubJson<Page & { readonly repositories: readonly RepositoryCard[] }>('/repositories', {
        query: { project: name, after: pageParam },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
  })

export const membersQuery = (name: string) =>
  infiniteQueryOptions({
    queryKey: ['project', name, 'members'],
    queryFn: ({ pageParam, signal }) =>
      hubJson<Page & { readonly members: readonly ProjectMember[] }>(`${at(name)}/members`, {
        query: { after: pageParam },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
  })

export const robotsQuery = (name: string) =>
  queryOptions({
    queryKey: ['project', name, 'robots'],
    queryFn: ({ signal }) => hubJson<{ readonly robots: readonly ProjectRobot[] }>(`${at(name)}/robots`, { signal }),
  })

export const rulesQuery = (name: string) =>
  queryOptions({
    queryKey: ['project', name, 'rules'],
    queryFn: ({ signal }) => hubJson<{ readonly rules: readonly ProjectRule[] }>(`${at(name)}/rules`, { signal }),
  })

export const teamsQuery = infiniteQueryOptions({
  queryKey: ['teams'],
  queryFn: ({ pageParam, signal }) =>
    hubJson<Page & { readonly teams: readonly Team[] }>('/teams', { query: { after: pageParam }, signal }),
  initialPageParam: '',
  getNextPageParam: ({ next }) => next ?? undefined,
})

/** What the form of a rule holds. */
export type NewRule = Pick<ProjectRule, 'kind' | 'repositories' | 'tags'> & {
  readonly keepLatest?: number
  readonly keepDays?: number
}

export interface NewRobot {
  readonly name: string
  readonly actions: string
  readonly expiresIn?: string
}

/** Of a robot: told once. */
export interface Secret {
  readonly name: string
  readonly secret: string
}

export const planOf = (project: string, rule: NewRule | undefined, after: string) =>
  hubJson<Page & { readonly tags: readonly DoomedTag[] }>(`${at(project)}/retention/plan`, {
    method: 'POST',
    query: { after },
    json: rule ?? {},
  })

/** What changes something. */
export const projectVerbs = {
  make: (project: { readonly name: string; readonly description: string; readonly visibility: string }) =>
    ask('/v1/projects', { method: 'POST', json: project }),
  change: (
    name: string,
    project: { readonly description: string; readonly visibility: string; readonly edition: number },
  ) => ask(`/v1${at(name)}`, { method: 'PUT', json: project }),
  setQuota: (name: string, quota: number) => ask(`/v1${at(name)}/quota`, { method: 'PUT', json: { quota } }),
  end: (name: string) => ask(`/v1${at(name)}`, { method: 'DELETE' }),
  setMember: (project: string, { kind, name }: Pick<ProjectMember, 'kind' | 'name'>, role: ProjectRole) =>
    ask(`/v1${at(project)}/members/${kind}/${name}`, { method: 'PUT', json: { role } }),
  removeMember: (project: string, { kind, name }: Pick<ProjectMember, 'kind' | 'name'>) =>
    ask(`/v1${at(project)}/members/${kind}/${name}`, { method: 'DELETE' }),
  addRobot: (project: string, robot: NewRobot) =>
    hubJson<Secret>(`${at(project)}/robots`, { method: 'POST', json: robot }),
  removeRobot: (project: string, robot: string) => ask(`/v1${robotAt(project, robot)}`, { method: 'DELETE' }),
  renewRobot: (project: string, robot: string) =>
    hubJson<Secret>(`${robotAt(project, robot)}/secret`, { method: 'POST', json: {} }),
  addRule: (project: string, rule: NewRule) => ask(`/v1${at(project)}/rules`, { method: 'POST', json: rule }),
  removeRule: (project: string, id: string) => ask(`/v1${at(project)}/rules/${id}`, { method: 'DELETE' }),
  retain: (project: string) =>
    hubJson<{ readonly tags: number }>(`${at(project)}/retention/run`, { method: 'POST', json: {} }),
  addTeam: (name: string) => ask('/v1/teams', { method: 'POST', json: { name } }),
  removeTeam: (name: string) => ask(`/v1/teams/${name}`, { method: 'DELETE' }),
  join: (team: string, account: string) => ask(`/v1/teams/${team}/members/${account}`, { method: 'PUT' }),
  leave: (team: string, account: string) => ask(`/v1/teams/${team}/members/${account}`, { method: 'DELETE' }),
} as const
