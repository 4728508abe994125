import { randomBytes } from 'node:crypto'
import type { ContainerConfig, ContainerStatus, EndpointSettings, Health, HostConfig } from '@slipway/client'
import {
  conflict,
  type Database,
  type Digest,
  type Endpoint,
  invalid,
  type Migration,
  notFound,
  type PortMapping,
} from '@slipway/core'
import type { ContainerMount } from './mounts/mount.ts'

/** What was asked for, merged with the image's defaults. Never changes but for the name and `update`. */
export interface ContainerDefinition {
  /** As it was written. */
  readonly image: string
  readonly config: ContainerConfig
  readonly hostConfig: HostConfig
  /** Keyed by the network's name. */
  readonly endpoints: Readonly<Record<string, EndpointSettings>>
  /** Chosen when it was made; undefined for a container of the time before volumes: `mountsOf()` knows both. */
  readonly mounts?: readonly ContainerMount[]
}

/** How it is on a network while it runs. */
export interface Attachment {
  readonly network: string
  readonly endpointId: string
  readonly endpoint: Endpoint
  /** Of the way out: the highest wins. */
  readonly priority?: number
}

export interface ContainerRunState {
  readonly status: ContainerStatus
  /** 0 when it doesn't run. */
  readonly pid: number
  readonly exitCode: number
  readonly error: string
  readonly oomKilled: boolean
  readonly startedAt?: string
  readonly finishedAt?: string
  /** A person stopped it: `unless-stopped` and the back-off respect that. */
  readonly manuallyStopped: boolean
  readonly restartCount: number
  /** Path of its network namespace; empty with the host's. */
  readonly netns: string
  /** In the order of their interfaces. */
  readonly attachments: readonly Attachment[]
  readonly ports: readonly PortMapping[]
  /** Of the present run, or the last; undefined without a health check. */
  readonly health?: Health | undefined
}

export interface ContainerRecord {
  readonly id: string
  readonly name: string
  readonly createdAt: string
  readonly imageId: Digest
  readonly definition: ContainerDefinition
  readonly state: ContainerRunState
}

export const neverRun: ContainerRunState = {
  status: 'created',
  pid: 0,
  exitCode: 0,
  error: '',
  oomKilled: false,
  manuallyStopped: false,
  restartCount: 0,
  netns: '',
  attachments: [],
  ports: [],
}

/** Reads what was stored, also before a container could be on several networks: then there was one `attachment`. */
export const readState = (text: string): ContainerRunState => {
  const { attachment, ...state } = JSON.parse(text) as ContainerRunState & { readonly attachment?: Attachment }
  return { ...state, attachments: state.attachments ?? (attachment ? [attachment] : []) }
}

/** True while there is a task: running or paused. */
export const isUp = ({ state }: ContainerRecord): boolean => state.status === 'running' || state.status === 'paused'

export const containerMigrations: readonly Migration[] = [
  {
    name: 'container-1',
    statements: [
      `CREATE TABLE container (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        created_at TEXT NOT NULL,
        image_id TEXT NOT NULL,
        definition TEXT NOT NULL,
        state TEXT NOT NULL
      )`,
    ],
  },
]

interface Row {
  readonly id: string
  readonly name: string
  readonly created_at: string
  readonly image_id: Digest
  readonly definition: string
  readonly state: string
}

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/

/** Takes the slash off that clients may put in front. Throws invalid in docker's words. */
export const parseContainerName = (text: string): string => {
  const name = text.replace(/^\//, '')
  if (namePattern.test(name)) return name
  throw invalid(`Invalid container name (${text.slice(0, 200)}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`)
}

export const newContainerId = (): string => randomBytes(32).toString('hex')

/**
 * The containers there are: all in memory, every change written to the database before it counts. A record is replaced,
 * never changed in place.
 */
export class ContainerRecords {
  readonly #database: Database
  readonly #byId = new Map<string, ContainerRecord>()
  readonly #idByName = new Map<string, string>()

  private constructor(database: Database) {
    this.#database = database
  }

  static async open(database: Database): Promise<ContainerRecords> {
    const records = new ContainerRecords(database)
    for (const row of await database.sql<Row>`SELECT * FROM container ORDER BY created_at`) {
      records.#remember({
        id: row.id,
        name: row.name,
        createdAt: row.created_at,
        imageId: row.image_id,
        definition: JSON.parse(row.definition),
        state: readState(row.state),
      })
    }
    return records
  }

  all(): readonly ContainerRecord[] {
    return [...this.#byId.values()]
  }

  get(id: string): ContainerRecord | undefined {
    return this.#byId.get(id)
  }

  /** docker's order: full id, then exact name, then a prefix of one id only. */
  find(idOrName: string): ContainerRecord {
    const text = idOrName.replace(/^\//, '')
    const exact = this.#byId.get(text) ?? this.#byId.get(this.#idByName.get(text) ?? '')
    if (exact !== undefined) return exact
    const matches = /^[a-f0-9]+$/.test(text) ? this.all().filter(({ id }) => id.startsWith(text)) : []
    if (matches.length > 1) throw invalid(`multiple IDs found with provided prefix: ${text}`)
    if (matches[0] === undefined) throw notFound('container', text)
    return matches[0]
  }

  /** Throws conflict, in docker's words, when the name is another container's. */
  assertNameFree(name: string): void {
    const owner = this.#idByName.get(name)
    if (owner === undefined) return
    throw conflict(
      `Conflict. The container name "/${name}" is already in use by container "${owner}". You have to remove (or rename) that container to be able to reuse that name.`,
    )
  }

  async add(record: ContainerRecord): Promise<void> {
    this.assertNameFree(record.name)
    this.#remember(record)
    const { definition, state } = record
    try {
      await this.#database.sql`
        INSERT INTO container (id, name, created_at, image_id, definition, state) VALUES (
          ${record.id}, ${record.name}, ${record.createdAt}, ${record.imageId},
          ${JSON.stringify(definition)}, ${JSON.stringify(state)})`
    } catch (error) {
      this.#forget(record)
      throw error
    }
  }

  /** Writes what has changed in the state, and returns the new record. Throws not-found when it is gone. */
  async setState(id: string, change: Partial<ContainerRunState>): Promise<ContainerRecord> {
    const before = this.#byId.get(id)
    if (before === undefined) throw notFound('container', id)
    const record = { ...before, state: { ...before.state, ...change } }
    this.#byId.set(id, record)
    await this.#database.sql`UPDATE container SET state = ${JSON.stringify(record.state)} WHERE id = ${id}`
    return record
  }

  async setDefinition(id: string, change: Partial<ContainerDefinition>): Promise<ContainerRecord> {
    const before = this.#byId.get(id)
    if (before === undefined) throw notFound('container', id)
    const record = { ...before, definition: { ...before.definition, ...change } }
    this.#byId.set(id, record)
    await this.#database.sql`UPDATE container SET definition = ${JSON.stringify(record.definition)} WHERE id = ${id}`
    return record
  }

  async rename(id: string, name: string): Promise<void> {
    this.assertNameFree(name)
    const before = this.#byId.get(id)
    if (before === undefined) throw notFound('container', id)
    this.#forget(before)
    this.#remember({ ...before, name })
    await this.#database.sql`UPDATE container SET name = ${name} WHERE id = ${id}`
  }

  async remove(id: string): Promise<void> {
    const record = this.#byId.get(id)
    await this.#database.sql`DELETE FROM container WHERE id = ${id}`
    if (record !== undefined) this.#forget(record)
  }

  #remember(record: ContainerRecord): void {
    this.#byId.set(record.id, record)
    this.#idByName.set(record.name, record.id)
  }

  #forget(record: ContainerRecord): void {
    this.#byId.delete(record.id)
    this.#idByName.delete(record.name)
  }
}
