import { type control, type GrpcClient, listHistory } from '@slipway/buildkit/client'
import { Exit } from '../exit.ts'
import type { FilterValues } from '../flags/flag.ts'

export type BuildRecord = control.HistoryRecordMessage

/** Seconds, to the millisecond: with a date in them there are no digits for more. */
const time = (at: { readonly seconds: number; readonly nanos: number } | undefined): number =>
  at === undefined ? 0 : at.seconds + Math.round(at.nanos / 1e6) / 1e3

/** All builds that the daemon remembers, and those under way, the newest first. */
export const readRecords = async (buildkit: GrpcClient, signal: AbortSignal): Promise<readonly BuildRecord[]> =>
  (await listHistory(buildkit, {}, signal)).toSorted((a, b) => time(b.createdAt) - time(a.createdAt))

/** Finds one by its name, or as `^N`, the one before the N last; without any of it the last. Throws Exit. */
export const findRecord = (records: readonly BuildRecord[], typed: string | undefined): BuildRecord => {
  const name = typed?.slice(typed.lastIndexOf('/') + 1)
  const offset = name === undefined ? 0 : Number(/^\^(\d+)$/.exec(name)?.[1] ?? Number.NaN)
  const found = Number.isNaN(offset) ? records.find(({ ref }) => ref === name) : records[offset]
  if (found !== undefined) return found
  throw new Exit(
    1,
    name === undefined ? 'ERROR: no records found' : `ERROR: no record found for ref ${JSON.stringify(typed)}`,
  )
}

/** What it was built from, as its user called it, and which target. */
export const nameOf = ({ frontendAttrs }: BuildRecord): string => {
  const context = frontendAttrs.get('context') ?? frontendAttrs.get('vcs:localdir:context') ?? ''
  const file = frontendAttrs.get('filename') ?? 'Dockerfile'
  const path = file.toLowerCase() === 'dockerfile' || context === '' ? context : `${context}/${file}`
  const target = frontendAttrs.get('target') ?? ''
  if (target === '') return path
  return path === '' ? target : `${path} (${target})`
}

/** Seconds from its beginning to its end, or to now. */
export const secondsOf = ({ createdAt, completedAt }: BuildRecord): number =>
  Math.round(1000 * ((completedAt === undefined ? Date.now() / 1000 : time(completedAt)) - time(createdAt))) / 1000

/** `1.2s`, `3m  5s` */
export const showDuration = (seconds: number): string =>
  seconds < 60
    ? `${seconds.toFixed(1)}s`
    : `${Math.trunc(seconds / 60)}m ${String(Math.trunc(seconds % 60)).padStart(2)}s`

const isCanceled = (message: string): boolean => /context canceled$/.test(message)

export const statusOf = ({ completedAt, error }: BuildRecord): 'Running' | 'Completed' | 'Error' | 'Canceled' => {
  if (completedAt === undefined) return 'Running'
  if (error === undefined) return 'Completed'
  return isCanceled(error.message) ? 'Canceled' : 'Error'
}

const fields: Readonly<Record<string, (record: BuildRecord) => string>> = {
  ref: ({ ref }) => ref,
  status: (record) => statusOf(record).toLowerCase(),
  name: nameOf,
}

/** `--filter status=error`. Throws Exit. */
export const filterRecords = (records: readonly BuildRecord[], values: FilterValues): readonly BuildRecord[] => {
  const checks = Object.entries(values).map(([name, wanted]) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (field === undefined) throw new Exit(1, `ERROR: unknown filter ${JSON.stringify(name)}`)
    return (record: BuildRecord) => wanted.includes(field(record))
  })
  return records.filter((record) => checks.every((check) => check(record)))
}
