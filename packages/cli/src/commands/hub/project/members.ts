import type { ProjectMember } from '@slipway/client'
import { listMembers } from '@slipway/client/hub/client'
import { ago } from '../../../format/human.ts'
import { listCommand } from '../../../hub/list.ts'

export const command = listCommand<ProjectMember>({
  names: ['hub project members'],
  operand: 'PROJECT',
  summary: 'List accounts and teams of a project, with their roles',
  quiet: ['Name', 'names'],
  columns: {
    Name: ['NAME', ({ name }) => name],
    Kind: ['KIND', ({ kind }) => kind],
    Role: ['ROLE', ({ role }) => role],
    AddedSince: ['ADDED', ({ addedAt }) => ago(new Date(addedAt))],
  },
  list: listMembers,
})
