import type { Route } from '@slipway/http'
import type { Registry } from '../registry.ts'
import { deleteProject, getProject, getProjects, postProject, putProject, putQuota } from './api.ts'
import { deleteMember, deleteRobot, getMembers, getRobots, postRobot, postSecret, putMember } from './member-api.ts'
import { projectRoute as on } from './project-route.ts'

/** Projects: who is in them, their robots, and how much they may hold. What the actions mean is in `roles.ts`. */
export const projectRoutes: readonly Route<Registry>[] = [
  { method: 'GET', path: '/api/v1/projects', handle: getProjects },
  { method: 'POST', path: '/api/v1/projects', handle: postProject },
  on('GET', '/api/v1/projects/{project}', 'pull', getProject),
  on('PUT', '/api/v1/projects/{project}', 'manage', putProject, 'project.change'),
  on('DELETE', '/api/v1/projects/{project}', 'manage', deleteProject, 'project.delete'),
  on('PUT', '/api/v1/projects/{project}/quota', 'manage', putQuota, 'project.quota'),

  on('GET', '/api/v1/projects/{project}/members', 'push', getMembers),
  on('PUT', '/api/v1/projects/{project}/members/{kind}/{name}', 'manage', putMember, 'member.set'),
  on('DELETE', '/api/v1/projects/{project}/members/{kind}/{name}', 'manage', deleteMember, 'member.remove'),

  on('GET', '/api/v1/projects/{project}/robots', 'delete', getRobots),
  on('POST', '/api/v1/projects/{project}/robots', 'delete', postRobot, 'robot.make'),
  on('DELETE', '/api/v1/projects/{project}/robots/{robot}', 'delete', deleteRobot, 'robot.remove'),
  on('POST', '/api/v1/projects/{project}/robots/{robot}/secret', 'delete', postSecret, 'robot.secret'),
]
