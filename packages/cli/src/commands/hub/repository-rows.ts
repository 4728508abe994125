import type { RepositoryCard } from '@slipway/client'
import { ago, ellipsis } from '../../format/human.ts'
import type { Row } from '../../format/rows.ts'
import { layoutOf } from '../../hub/list.ts'

const descriptionWidth = 45

export const repositoryLayout = layoutOf(
  'Name',
  {
    Name: 'NAME',
    Description: 'DESCRIPTION',
    Stars: 'STARS',
    Visibility: 'VISIBILITY',
    Official: 'OFFICIAL',
    Automated: 'AUTOMATED',
    PushedAt: 'PUSHED AT',
    PushedSince: 'PUSHED',
  },
  ['Name', 'Description', 'Stars', 'Visibility', 'PushedSince'],
)

export const repositoryRow = (card: RepositoryCard, isWhole: boolean): Row => ({
  Name: card.name,
  Description: isWhole ? card.description : ellipsis(card.description, descriptionWidth),
  Stars: String(card.stars),
  Visibility: card.visibility,
  Official: String(card.official),
  Automated: String(card.automated),
  PushedAt: card.pushedAt,
  PushedSince: ago(new Date(card.pushedAt)),
})
