import { randomBytes } from 'node:crypto'
import { type Database, invalid, type Migration } from '@slipway/core'

export const volumeMigrations: readonly Migration[] = [
  {
    name: 'volume-1',
    statements: [
      `CREATE TABLE volume (
        name TEXT PRIMARY KEY,
        labels TEXT NOT NULL,
        options TEXT NOT NULL,
        created_at TEXT NOT NULL
      )`,
    ],
  },
]

export interface VolumeRecord {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** What of the driver's options was asked for: `type`, `device`, `o`. */
  readonly options: Readonly<Record<string, string>>
  readonly createdAt: string
}

interface Row {
  readonly name: string
  readonly labels: string
  readonly options: string
  readonly created_at: string
}

/** docker's own mark of a volume that nobody has named. */
const anonymousLabel = 'com.docker.volume.anonymous'

export const isAnonymous = ({ labels }: VolumeRecord): boolean => anonymousLabel in labels

export const anonymousLabels: Readonly<Record<string, string>> = { [anonymousLabel]: '' }

export const newVolumeName = (): string => randomBytes(32).toString('hex')

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/
/** As a file's name can be. */
const longestName = 255

export const isVolumeName = (name: string): boolean => namePattern.test(name) && name.length <= longestName

/** Throws invalid in docker's words. */
export const checkVolumeName = (name: string): void => {
  if (isVolumeName(name)) return
  const problem = (): string => {
    if (name.length === 1) return 'volume name is too short, names should be at least two alphanumeric characters'
    if (name.length > longestName) return `volume name is too long, names can have ${longestName} characters`
    return `"${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`
  }
  throw invalid(`create ${name.slice(0, longestName)}: ${problem()}`)
}

export const loadVolumes = async (database: Database): Promise<readonly VolumeRecord[]> => {
  const rows = await database.sql<Row>`SELECT * FROM volume ORDER BY name`
  return rows.map(({ name, labels, options, created_at }) => ({
    name,
    labels: JSON.parse(labels) as VolumeRecord['labels'],
    options: JSON.parse(options) as VolumeRecord['options'],
    createdAt: created_at,
  }))
}

export const saveVolume = async (database: Database, volume: VolumeRecord): Promise<void> => {
  const [labels, options] = [JSON.stringify(volume.labels), JSON.stringify(volume.options)]
  await database.sql`
    INSERT INTO volume (name, labels, options, created_at)
    VALUES (${volume.name}, ${labels}, ${options}, ${volume.createdAt})`
}

export const deleteVolume = async (database: Database, name: string): Promise<void> => {
  await database.sql`DELETE FROM volume WHERE name = ${name}`
}
