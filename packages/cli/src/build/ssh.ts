import { readFile, stat } from 'node:fs/promises'
import { agentAt, type OpenAgent } from '@slipway/buildkit/client'
import { Exit, fileProblem } from '../exit.ts'

type Environment = Readonly<Record<string, string | undefined>>

const refuse = (id: string, paths: readonly string[], why: string): never => {
  throw new Exit(1, `ERROR: failed to build: failed to convert agent config {${id} [${paths.join(' ')}] false}: ${why}`)
}

const openOne = async (id: string, paths: readonly string[]): Promise<OpenAgent> => {
  const refused = (why: string) =>
    refuse(id, paths, `failed to convert agent config for ID: ${JSON.stringify(id)}: ${why}`)
  const stats = await Promise.all(
    paths.map((path) =>
      stat(path).catch((error: unknown) => refused(fileProblem(error, path).replace(/^open /, 'stat '))),
    ),
  )
  const [socket = ''] = paths.filter((_, index) => stats[index]?.isSocket())
  if (socket !== '') return paths.length === 1 ? agentAt(socket) : refused('only single socket allowed')
  // Loaded by who has keys alone: most have an agent.
  const { readKey } = await import('./ssh/private-key.ts')
  const { agentOf } = await import('./ssh/agent.ts')
  const keys = await Promise.all(
    paths.map(async (path) => {
      try {
        return readKey(await readFile(path))
      } catch (error) {
        return refused(`failed to parse ${path}: ${error instanceof Error ? error.message : error}`)
      }
    }),
  )
  return () => agentOf(keys)
}

/** Reads `--ssh default|ID[=SOCKET|KEY[,KEY]]`; without a path the agent of `SSH_AUTH_SOCK`. Throws Exit. */
export const readAgents = async (
  texts: readonly string[],
  env: Environment,
): Promise<ReadonlyMap<string, OpenAgent>> => {
  const agents = new Map<string, OpenAgent>()
  for (const text of texts) {
    const [, id = '', , listed = ''] = /^([^=]*)(=(.*))?$/s.exec(text) ?? []
    const paths = listed === '' ? [] : listed.split(',')
    const socket = env['SSH_AUTH_SOCK'] ?? ''
    if (paths.length === 0 && socket === '') {
      refuse(id, [], 'invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set')
    }
    agents.set(id || 'default', await openOne(id || 'default', paths.length === 0 ? [socket] : paths))
  }
  return agents
}
