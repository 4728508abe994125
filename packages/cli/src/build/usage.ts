import type { control } from '@slipway/buildkit/client'
import { Exit } from '../exit.ts'
import type { FilterValues } from '../flags/flag.ts'
import { parseDuration } from '../flags/quantity.ts'
import { ago, humanSize } from '../format/human.ts'
import type { Row, RowLayout } from '../format/rows.ts'
import { goStamp } from './stamp.ts'

export type UsageRecord = control.UsageRecordMessage

/** Three digits are enough in a table. */
const sizeOf = (bytes: number): string => humanSize(bytes)

export const usageLayout: RowLayout = {
  table:
    '{{.ID}}{{if .Mutable}}*{{end}}\t{{.Reclaimable}}\t{{.Size}}{{if .Shared}}*{{end}}\t{{if .LastUsedAt}}{{.LastUsedAt}}{{end}}',
  quiet: '{{.ID}}',
  type: '*commands.duContext',
  headings: {
    ID: 'ID',
    Parents: 'PARENTS',
    CreatedAt: 'CREATED AT',
    Mutable: '',
    Reclaimable: 'RECLAIMABLE',
    Shared: '',
    Size: 'SIZE',
    Description: 'DESCRIPTION',
    UsageCount: 'USAGE COUNT',
    LastUsedAt: 'LAST ACCESSED',
    Type: 'TYPE',
  },
}

const lastUsed = ({ lastUsedAt }: UsageRecord): string =>
  lastUsedAt === undefined ? '' : ago(new Date(lastUsedAt.seconds * 1000))

export const usageRow = (record: UsageRecord): Row => ({
  ID: record.id,
  Parents: record.parents.length === 0 ? null : record.parents.join(', '),
  CreatedAt: goStamp(record.createdAt),
  Mutable: record.mutable,
  Reclaimable: !record.inUse,
  Shared: record.shared,
  Size: sizeOf(record.size),
  Description: record.description,
  UsageCount: String(record.usageCount),
  LastUsedAt: lastUsed(record),
  Type: record.recordType,
})

/** All of a record, a line a field. */
export const describeUsage = (record: UsageRecord): string => {
  const fields: readonly (readonly [string, string])[] = [
    ['ID', record.id],
    ...(record.parents.length === 0 ? [] : [['Parents', record.parents.map((id) => `\n - ${id}`).join('')] as const]),
    ['Created at', goStamp(record.createdAt)],
    ['Mutable', String(record.mutable)],
    ['Reclaimable', String(!record.inUse)],
    ['Shared', String(record.shared)],
    ['Size', sizeOf(record.size)],
    ...(record.description === '' ? [] : [['Description', record.description] as const]),
    ['Usage count', String(record.usageCount)],
    ...(record.lastUsedAt === undefined ? [] : [['Last used', lastUsed(record)] as const]),
    ...(record.recordType === '' ? [] : [['Type', record.recordType] as const]),
  ]
  const lineOf = ([name, value]: readonly [string, string]): string =>
    `${value.startsWith('\n') ? `${name}:` : `${name}:`.padEnd(14)}${value}\n`
  return `${fields.map(lineOf).join('')}\n`
}

const sum = (records: readonly UsageRecord[]): number => records.reduce((total, { size }) => total + size, 0)

/** What all of them take, and how much of it others have too. */
export const usageTotals = (records: readonly UsageRecord[]): string => {
  const shared = sum(records.filter((record) => record.shared))
  const total = sum(records)
  const lines: readonly (readonly [string, number])[] = [
    ...(shared > 0
      ? ([
          ['Shared', shared],
          ['Private', total - shared],
        ] as const)
      : []),
    ['Reclaimable', sum(records.filter(({ inUse }) => !inUse))],
    ['Total', total],
  ]
  return lines.map(([name, bytes]) => `${name}:\t${name.length < 7 ? '\t' : ''}${sizeOf(bytes)}\n`).join('')
}

export interface UsageFilter {
  readonly filter: readonly string[]
  /** Nanoseconds. */
  readonly keepDuration?: number
}

/** `--filter type=regular`, and `until=24h`: the daemon's filters. Throws Exit. */
export const readUsageFilter = (values: FilterValues): UsageFilter => {
  const ages = [...(values['until'] ?? []), ...(values['unused-for'] ?? [])]
  if (ages.length > 1) throw new Exit(1, 'ERROR: filters expect only one value')
  const terms = Object.entries(values)
    .filter(([name]) => name !== 'until' && name !== 'unused-for')
    .map(([name, [value = '', ...more]]) => {
      if (more.length > 0) throw new Exit(1, 'ERROR: filters expect only one value')
      return `${name}${name === 'id' ? '~=' : '=='}${value}`
    })
  const [age] = ages
  return {
    filter: terms.length === 0 ? [] : [terms.join(',')],
    ...(age === undefined ? {} : { keepDuration: readAge(age) }),
  }
}

const readAge = (text: string): number => {
  try {
    return parseDuration(text)
  } catch {
    throw new Exit(1, `ERROR: "until" filter expects a duration (e.g., '24h'): ${JSON.stringify(text)}`)
  }
}
