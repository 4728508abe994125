import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { inNetns, type Traces } from './leftovers.ts'

interface NetworkRow {
  readonly id: string
  readonly options: string
}

/** The bridges of all networks that an engine has in its records, also when it died. */
const bridgesOf = ({ dataRoot, bridge }: Traces): readonly string[] => {
  const path = join(dataRoot, 'engine.db')
  if (!existsSync(path)) return [bridge]
  const database = new DatabaseSync(path)
  try {
    const isThere = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'network'").get() !== undefined
    if (!isThere) return [bridge]
    const rows = database.prepare("SELECT id, options FROM network WHERE driver = 'bridge'").all()
    const names = (rows as unknown as readonly NetworkRow[]).map(
      ({ id, options }) => JSON.parse(options)['com.docker.network.bridge.name'] ?? `br-${id.slice(0, 12)}`,
    )
    return [...new Set([bridge, ...names])]
  } finally {
    database.close()
  }
}

/** Takes an engine's bridges out of the kernel, and their tables: those would drop what the next bridge of that range carries. */
export const removeBridges = async (traces: Traces): Promise<void> => {
  for (const bridge of bridgesOf(traces)) {
    await inNetns(traces.netns, ['ip', 'link', 'del', bridge])
    for (const family of ['ip', 'ip6']) await inNetns(traces.netns, ['nft', 'delete', 'table', family, bridge])
  }
}
