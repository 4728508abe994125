import {
  MadeRobot,
  MemberList,
  NewProject,
  NewRobot,
  NewRobotSecret,
  PageQuery,
  ProjectEdit,
  ProjectList,
  ProjectPage,
  ProjectSearch,
  QuotaChoice,
  RobotList,
  RoleChoice,
} from '@slipway/client/hub'
import { type ApiRoute, route } from '../api/route.ts'
import { anyone, manager } from '../api/who.ts'
import { deleteProject, getProject, getProjects, postProject, putProject, putQuota } from './api.ts'
import { deleteMember, deleteRobot, getMembers, getRobots, postRobot, postSecret, putMember } from './member-api.ts'
import { inProject } from './who.ts'

/** Projects: who is in them, their robots, and how much they may hold. What the actions mean is in `roles.ts`. */
export const projectRoutes: readonly ApiRoute[] = [
  route('GET', '/api/v1/projects', {
    id: 'listProjects',
    summary: 'Projects that the caller may see, by name',
    who: anyone,
    query: ProjectSearch,
    answer: ProjectList,
    handle: getProjects,
  }),
  route('POST', '/api/v1/projects', {
    id: 'addProject',
    summary: 'Makes a project; who makes it owns it',
    who: anyone,
    body: NewProject,
    status: 201,
    handle: postProject,
  }),
  route('GET', '/api/v1/projects/{project}', {
    id: 'readProject',
    summary: 'A project’s page, and what the caller may do there',
    who: inProject('pull'),
    answer: ProjectPage,
    handle: getProject,
  }),
  route('PUT', '/api/v1/projects/{project}', {
    id: 'editProject',
    summary: 'Its description, and whether all of it is public or private',
    who: inProject('manage'),
    deed: 'project.change',
    body: ProjectEdit,
    handle: putProject,
  }),
  route('DELETE', '/api/v1/projects/{project}', {
    id: 'removeProject',
    summary: 'Ends a project that has no repositories any more',
    who: inProject('manage'),
    deed: 'project.delete',
    handle: deleteProject,
  }),
  route('PUT', '/api/v1/projects/{project}/quota', {
    id: 'setQuota',
    summary: 'How much it may hold',
    who: manager,
    deed: 'project.quota',
    body: QuotaChoice,
    handle: putQuota,
  }),

  route('GET', '/api/v1/projects/{project}/members', {
    id: 'listMembers',
    summary: 'Accounts and teams in it, with their roles',
    who: inProject('push'),
    query: PageQuery,
    answer: MemberList,
    handle: getMembers,
  }),
  route('PUT', '/api/v1/projects/{project}/members/{kind}/{name}', {
    id: 'setMember',
    summary: 'Makes an account or a team a member, or gives it another role',
    who: inProject('manage'),
    deed: 'member.set',
    body: RoleChoice,
    handle: putMember,
  }),
  route('DELETE', '/api/v1/projects/{project}/members/{kind}/{name}', {
    id: 'removeMember',
    summary: 'Takes a member out',
    who: inProject('manage'),
    deed: 'member.remove',
    handle: deleteMember,
  }),

  route('GET', '/api/v1/projects/{project}/robots', {
    id: 'listRobots',
    summary: 'Its accounts for programs, without their secrets',
    who: inProject('delete'),
    answer: RobotList,
    handle: getRobots,
  }),
  route('POST', '/api/v1/projects/{project}/robots', {
    id: 'addRobot',
    summary: 'Makes a robot; its secret is told this once',
    who: inProject('delete'),
    deed: 'robot.make',
    body: NewRobot,
    status: 201,
    answer: MadeRobot,
    handle: postRobot,
  }),
  route('DELETE', '/api/v1/projects/{project}/robots/{robot}', {
    id: 'removeRobot',
    summary: 'Removes a robot',
    who: inProject('delete'),
    deed: 'robot.remove',
    handle: deleteRobot,
  }),
  route('POST', '/api/v1/projects/{project}/robots/{robot}/secret', {
    id: 'renewRobot',
    summary: 'A new secret, told this once; the old one ends',
    who: inProject('delete'),
    deed: 'robot.secret',
    body: NewRobotSecret,
    status: 201,
    answer: MadeRobot,
    handle: postSecret,
  }),
]
