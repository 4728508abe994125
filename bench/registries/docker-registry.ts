import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Enclosure } from '../peers/enclosure.ts'
import { run } from '../run.ts'

/** Debian's own configuration, without what it logs: it is measured, not its log. */
const configuration = (storage: string, port: number): string => `version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: ${storage} }, cache: { blobdescriptor: inmemory } }
http: { addr: '127.0.0.1:${port}' }
`

/** Its command inside the peers' root. `storage` is to be below the peers' directory, which is seen there. */
export const dockerRegistry = async (port: number, storage: string): Promise<readonly string[]> => {
  const config = join(storage, 'config.yml')
  await writeFile(config, configuration(storage, port))
  return ['docker-registry', 'serve', config]
}

/** `2.8.3` */
export const dockerRegistryVersion = async (inside: Enclosure): Promise<string> =>
  / v?(\d[\w.]*)/.exec(await run(inside.command(['docker-registry', '--version'])))?.[1] ?? '?'
