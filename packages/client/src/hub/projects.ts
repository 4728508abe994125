import type {
  MadeRobot,
  MemberList,
  NewProject,
  NewRobot,
  NewTeam,
  ProjectEdit,
  ProjectList,
  ProjectMember,
  ProjectPage,
  ProjectRobot,
  ProjectRole,
  ProjectRow,
  ProjectSearch,
  RobotList,
  Team,
  TeamList,
} from '../wire/hub/index.ts'
import { type HubClient, rowsOf } from './hub-client.ts'

const at = (name: string): string => `/projects/${encodeURIComponent(name)}`
const robotAt = (project: string, robot: string): string => `${at(project)}/robots/${encodeURIComponent(robot)}`
const teamAt = (name: string): string => `/teams/${encodeURIComponent(name)}`
const memberAt = (project: string, { kind, name }: Member): string =>
  `${at(project)}/members/${kind}/${encodeURIComponent(name)}`

type Member = Pick<ProjectMember, 'kind' | 'name'>

/** Those that the caller may see, by name. */
export const listProjects = (hub: HubClient, query: Omit<ProjectSearch, 'after'> = {}): AsyncIterable<ProjectRow> =>
  rowsOf<ProjectList, ProjectRow>(hub, { path: '/projects', query }, ({ projects }) => projects)

/** Who makes it owns it. */
export const addProject = (hub: HubClient, wanted: NewProject): Promise<void> =>
  hub.send({ method: 'POST', path: '/projects', json: wanted })

export const readProject = (hub: HubClient, name: string): Promise<ProjectPage> => hub.json({ path: at(name) })

export const editProject = (hub: HubClient, name: string, edit: ProjectEdit): Promise<void> =>
  hub.send({ method: 'PUT', path: at(name), json: edit })

export const removeProject = (hub: HubClient, name: string): Promise<void> =>
  hub.send({ method: 'DELETE', path: at(name) })

/** In bytes; 0: no limit. */
export const setQuota = (hub: HubClient, name: string, quota: number): Promise<void> =>
  hub.send({ method: 'PUT', path: `${at(name)}/quota`, json: { quota } })

export const listMembers = (hub: HubClient, project: string): AsyncIterable<ProjectMember> =>
  rowsOf<MemberList, ProjectMember>(hub, { path: `${at(project)}/members` }, ({ members }) => members)

export const setMember = (hub: HubClient, project: string, member: Member, role: ProjectRole): Promise<void> =>
  hub.send({ method: 'PUT', path: memberAt(project, member), json: { role } })

export const removeMember = (hub: HubClient, project: string, member: Member): Promise<void> =>
  hub.send({ method: 'DELETE', path: memberAt(project, member) })

export const listRobots = async (hub: HubClient, project: string): Promise<readonly ProjectRobot[]> =>
  (await hub.json<RobotList>({ path: `${at(project)}/robots` })).robots

/** Its secret is told this once. */
export const addRobot = (hub: HubClient, project: string, wanted: NewRobot): Promise<MadeRobot> =>
  hub.json({ method: 'POST', path: `${at(project)}/robots`, json: wanted })

export const removeRobot = (hub: HubClient, project: string, robot: string): Promise<void> =>
  hub.send({ method: 'DELETE', path: robotAt(project, robot) })

/** A new secret; the old one ends. */
export const renewRobot = (hub: HubClient, project: string, robot: string, expiresIn?: string): Promise<MadeRobot> =>
  hub.json({
    method: 'POST',
    path: `${robotAt(project, robot)}/secret`,
    json: expiresIn === undefined ? {} : { expiresIn },
  })

export const listTeams = (hub: HubClient): AsyncIterable<Team> =>
  rowsOf<TeamList, Team>(hub, { path: '/teams' }, ({ teams }) => teams)

export const addTeam = (hub: HubClient, wanted: NewTeam): Promise<void> =>
  hub.send({ method: 'POST', path: '/teams', json: wanted })

export const removeTeam = (hub: HubClient, name: string): Promise<void> =>
  hub.send({ method: 'DELETE', path: teamAt(name) })

export const joinTeam = (hub: HubClient, team: string, account: string): Promise<void> =>
  hub.send({ method: 'PUT', path: `${teamAt(team)}/members/${encodeURIComponent(account)}` })

export const leaveTeam = (hub: HubClient, team: string, account: string): Promise<void> =>
  hub.send({ method: 'DELETE', path: `${teamAt(team)}/members/${encodeURIComponent(account)}` })
