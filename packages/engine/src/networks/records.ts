import { randomBytes } from 'node:crypto'
import type { Database, Migration, NetworkConfig, Subnet } from '@slipway/core'

export const networkMigrations: readonly Migration[] = [
  {
    name: 'network-1',
    statements: [
      `CREATE TABLE network (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        driver TEXT NOT NULL,
        subnets TEXT NOT NULL,
        options TEXT NOT NULL,
        created_at TEXT NOT NULL
      )`,
    ],
  },
  {
    name: 'network-2',
    statements: [
      'ALTER TABLE network ADD COLUMN internal INTEGER NOT NULL DEFAULT 0',
      'ALTER TABLE network ADD COLUMN attachable INTEGER NOT NULL DEFAULT 0',
      "ALTER TABLE network ADD COLUMN labels TEXT NOT NULL DEFAULT '{}'",
    ],
  },
]

/** A subnet, with what was said of its addresses when the network was made. */
export interface NetworkSubnet extends Subnet {
  /** `--ip-range`: containers get addresses of this part only. */
  readonly range?: string
  /** `--aux-address`: addresses that containers never get, by the name of who has them. */
  readonly auxiliary?: Readonly<Record<string, string>>
  /** Someone asked for this very subnet: only then may containers ask for addresses in it. */
  readonly asked?: boolean
}

export interface NetworkRecord extends NetworkConfig {
  readonly subnets: readonly NetworkSubnet[]
  readonly attachable: boolean
  readonly labels: Readonly<Record<string, string>>
  readonly createdAt: string
}

interface Row {
  readonly id: string
  readonly name: string
  readonly driver: string
  readonly subnets: string
  readonly internal: number
  readonly attachable: number
  readonly options: string
  readonly labels: string
  readonly created_at: string
}

const predefined: readonly string[] = ['bridge', 'host', 'none']

/** One of the three that every engine has. */
export const isPredefined = (name: string): boolean => predefined.includes(name)

export const newNetworkId = (): string => randomBytes(32).toString('hex')

export const loadNetworks = async (database: Database): Promise<readonly NetworkRecord[]> => {
  const rows = await database.sql<Row>`SELECT * FROM network ORDER BY name`
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    driver: row.driver,
    subnets: JSON.parse(row.subnets) as readonly NetworkSubnet[],
    internal: row.internal === 1,
    attachable: row.attachable === 1,
    options: JSON.parse(row.options) as Readonly<Record<string, string>>,
    labels: JSON.parse(row.labels) as Readonly<Record<string, string>>,
    createdAt: row.created_at,
  }))
}

/** Adds a network, or gives the one of this name new subnets and options; its id stays. */
export const saveNetwork = async (
  database: Database,
  network: Pick<NetworkRecord, 'name' | 'driver' | 'subnets' | 'options'> & Partial<NetworkRecord>,
): Promise<void> => {
  const { id = newNetworkId(), name, driver, createdAt = new Date().toISOString() } = network
  const subnets = JSON.stringify(network.subnets)
  const options = JSON.stringify(network.options)
  const labels = JSON.stringify(network.labels ?? {})
  const [internal, attachable] = [Number(network.internal ?? false), Number(network.attachable ?? false)]
  await database.sql`
    INSERT INTO network (id, name, driver, subnets, internal, attachable, options, labels, created_at)
    VALUES (${id}, ${name}, ${driver}, ${subnets}, ${internal}, ${attachable}, ${options}, ${labels}, ${createdAt})
    ON CONFLICT (name) DO UPDATE SET subnets = excluded.subnets, options = excluded.options`
}

export const deleteNetwork = async (database: Database, id: string): Promise<void> => {
  await database.sql`DELETE FROM network WHERE id = ${id}`
}
