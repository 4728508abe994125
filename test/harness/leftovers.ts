import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { mountsBelow } from './mounts.ts'
import { processesNaming } from './processes.ts'
import { run } from './run.ts'

/** What of an engine can be seen from outside. */
export interface Traces {
  readonly dataRoot: string
  readonly execRoot: string
  readonly bridge: string
  /** Path of the network namespace it runs in; undefined: the host's. */
  readonly netns: string | undefined
}

/** Runs a program in the engine's network namespace. */
export const inNetns = (netns: string | undefined, [program = '', ...args]: readonly string[]) =>
  netns === undefined ? run(program, args) : run('nsenter', [`--net=${netns}`, program, ...args])

const filesIn = async (directory: string): Promise<readonly string[]> =>
  (await readdir(directory).catch(() => [])).map((name) => join(directory, name))

/** The cables (veth) that hang on the engine's bridge. */
export const cablesOf = async ({ bridge, netns }: Traces): Promise<readonly string[]> => {
  const { stdout } = await inNetns(netns, ['ip', '-o', 'link', 'show', 'master', bridge])
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(':')[1]?.trim() ?? line)
}

/** Ports that the engine's nftables table still sends somewhere. */
const publishedPorts = async ({ bridge, netns }: Traces): Promise<readonly string[]> => {
  const { stdout } = await inNetns(netns, ['nft', 'list', 'table', 'ip', bridge])
  return [...stdout.matchAll(/elements = \{[^}]*\}/g)].map(([text]) => text.replace(/\s+/g, ' '))
}

/**
 * What an engine left behind that it should have taken away, one line each: it has no container any more, and its daemon has
 * ended. Its bridge, its empty nftables table and its exec root (mounted on itself) may stay for the next start.
 */
export const leftovers = async (traces: Traces): Promise<readonly string[]> => {
  const { dataRoot, execRoot, bridge } = traces
  const [mounts, files, ingests, cables, ports, processes] = await Promise.all([
    mountsBelow(execRoot),
    Promise.all(
      [
        join(execRoot, 'containers'),
        join(execRoot, 'netns'),
        join(execRoot, 'runtime/spare-shims'),
        join(execRoot, `runtime/runc/slipway-${bridge}`),
        join(execRoot, `runtime/crun/slipway-${bridge}`),
        join(dataRoot, 'containers'),
        join(dataRoot, 'builds/contexts'),
      ].map(filesIn),
    ),
    Promise.all(
      ['content/ingests', 'content/scratch', 'snapshots/trash', 'snapshots/journal'].map((name) =>
        filesIn(join(dataRoot, name)),
      ),
    ),
    cablesOf(traces),
    publishedPorts(traces),
    processesNaming([`slipway-${bridge} `, execRoot, dataRoot]),
  ])
  return [
    ...mounts.filter((point) => point !== execRoot).map((point) => `mount ${point}`),
    ...files.flat().map((path) => `file ${path}`),
    ...ingests.flat().map((path) => `half-written ${path}`),
    ...cables.map((name) => `cable ${name}`),
    ...ports.map((text) => `ports ${text}`),
    ...processes.map(({ pid, command }) => `process ${pid} ${command}`),
  ]
}
