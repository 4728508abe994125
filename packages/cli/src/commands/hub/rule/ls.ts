import type { ProjectRule } from '@slipway/client'
import { listRules } from '@slipway/client/hub/client'
import { listCommand } from '../../../hub/list.ts'

const numberOrNone = (number: number | null): string => (number === null ? '-' : String(number))

export const command = listCommand<ProjectRule>({
  names: ['hub rule ls', 'hub rule list'],
  operand: 'PROJECT',
  summary: 'List what is immutable in a project, and what is kept',
  quiet: ['ID', 'IDs'],
  columns: {
    ID: ['ID', ({ id }) => id],
    Kind: ['KIND', ({ kind }) => kind],
    Repositories: ['REPOSITORIES', ({ repositories }) => repositories],
    Tags: ['TAGS', ({ tags }) => tags],
    KeepLatest: ['KEEP LATEST', ({ keepLatest }) => numberOrNone(keepLatest)],
    KeepDays: ['KEEP DAYS', ({ keepDays }) => numberOrNone(keepDays)],
  },
  list: listRules,
})
