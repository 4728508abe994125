import {
  type EngineClient,
  hasCode,
  inspectContainer,
  inspectImage,
  inspectNetwork,
  inspectVolume,
} from '@slipway/client'
import { atLeast, defineCommand, type Session } from '../../command.ts'
import { Exit } from '../../exit.ts'
import { text, toggle } from '../../flags/flag.ts'
import { inspectFormatHelp } from '../../format/format-help.ts'
import { printInspected } from '../../format/inspect.ts'
import { warnLine } from '../../terminal/console.ts'

type Find = (client: EngineClient, name: string, options: { readonly size: boolean }) => Promise<unknown>

/** In the order in which a name is looked for. */
const kinds: Readonly<Record<string, Find>> = {
  container: inspectContainer,
  image: inspectImage,
  network: (client, name) => inspectNetwork(client, name),
  volume: inspectVolume,
}

/** docker's, as it lists them; those of a swarm have no members here. */
const dockerTypes = 'config container image network node plugin secret service task volume'.split(' ')

/** Not there, or not a name such a thing can have: the next kind may know it. */
const isElsewhere = (error: unknown): boolean => hasCode(error, 'not-found') || hasCode(error, 'invalid')

const findAny = async ({ console, client }: Session, name: string, size: boolean): Promise<unknown> => {
  for (const [kind, find] of Object.entries(kinds)) {
    try {
      const found = await find(await client(), name, { size })
      if (size && kind !== 'container') warnLine(console, `WARNING: --size ignored for ${kind}`)
      return found
    } catch (error) {
      if (!isElsewhere(error)) throw error
    }
  }
  throw new Exit(1, `Error: No such object: ${name}`)
}

export const command = defineCommand({
  names: ['inspect'],
  usage: '[OPTIONS] NAME|ID [NAME|ID...]',
  summary: 'Return low-level information on Docker objects',
  operands: atLeast(1),
  flags: {
    format: text('f', inspectFormatHelp),
    size: toggle('s', 'Display total file sizes if the type is container'),
    type: text('', 'Only inspect objects of the given type'),
  },
  run: async ({ flags: { format, size, type }, operands, session }) => {
    const find = type === undefined || type === '' ? undefined : kinds[type]
    if (type && find === undefined)
      throw new Exit(1, `unknown type: "${type}": must be one of ${dockerTypes.map((name) => `"${name}"`).join(', ')}`)
    return await printInspected(session.console, operands, format, async (name) =>
      find === undefined ? findAny(session, name, size) : find(await session.client(), name, { size }),
    )
  },
})
