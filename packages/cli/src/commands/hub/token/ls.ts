import type { HubAccessToken } from '@slipway/client'
import { listTokens } from '@slipway/client/hub/client'
import { ago, agoOrNever } from '../../../format/human.ts'
import { listCommand } from '../../../hub/list.ts'

export const command = listCommand<HubAccessToken>({
  names: ['hub token ls', 'hub token list'],
  summary: 'List your access tokens',
  quiet: ['ID', 'IDs'],
  columns: {
    ID: ['ID', ({ id }) => id],
    Name: ['NAME', ({ name }) => name],
    Limits: ['LIMITS', ({ limits }) => limits ?? ''],
    CreatedSince: ['CREATED', ({ createdAt }) => ago(new Date(createdAt))],
    ExpiresAt: ['EXPIRES AT', ({ expiresAt }) => expiresAt ?? 'never'],
    UsedSince: ['USED', ({ usedAt }) => agoOrNever(usedAt)],
  },
  list: listTokens,
})
