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
]

export interface NetworkRecord extends NetworkConfig {
  readonly createdAt: string
}

interface Row {
  readonly id: string
  readonly name: string
  readonly driver: string
  readonly subnets: string
  readonly options: string
  readonly created_at: string
}

export const loadNetworks = async (database: Database): Promise<readonly NetworkRecord[]> => {
  const rows = await database.sql<Row>`SELECT * FROM network ORDER BY name`
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    driver: row.driver,
    subnets: JSON.parse(row.subnets) as readonly Subnet[],
    internal: false,
    options: JSON.parse(row.options) as Readonly<Record<string, string>>,
    createdAt: row.created_at,
  }))
}

/** Adds a network, or gives the one of this name new subnets and options; its id stays. */
export const saveNetwork = async (
  database: Database,
  network: Omit<NetworkRecord, 'id' | 'createdAt' | 'internal'>,
): Promise<void> => {
  const { name, driver } = network
  const subnets = JSON.stringify(network.subnets)
  const options = JSON.stringify(network.options)
  await database.sql`
    INSERT INTO network (id, name, driver, subnets, options, created_at)
    VALUES (${randomBytes(32).toString('hex')}, ${name}, ${driver}, ${subnets}, ${options}, ${new Date()})
    ON CONFLICT (name) DO UPDATE SET subnets = excluded.subnets, options = excluded.options`
}
