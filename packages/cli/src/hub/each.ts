import type { HubClient } from '@slipway/client/hub/client'
import { atLeast, type Command, defineCommand } from '../command.ts'
import { forEach } from '../each.ts'
import { hubFlags, withHub } from './connect.ts'
import { parseHubName } from './name.ts'

interface About extends Pick<Command<typeof hubFlags>, 'names' | 'summary'> {
  /** What an operand is: `ACCOUNT`. */
  readonly operand: string
}

/** A command that does one thing to each of its operands, and prints those it was done to. */
export const eachNamed = (
  { operand, ...about }: About,
  act: (hub: HubClient, name: string) => Promise<void>,
): Command<typeof hubFlags> =>
  defineCommand({
    ...about,
    usage: `[OPTIONS] ${operand} [${operand}...]`,
    operands: atLeast(1),
    flags: hubFlags,
    run: ({ flags, operands, session }) =>
      forEach(session.console, operands, async (name) => {
        await withHub(session, flags.server, (hub) => act(hub, name))
        return name
      }),
  })

/** The same for repositories, which may be of several registries. */
export const eachRepository = (
  about: Omit<About, 'operand'>,
  act: (hub: HubClient, repository: string) => Promise<void>,
): Command<typeof hubFlags> => {
  const command = eachNamed({ ...about, operand: 'REPOSITORY' }, act)
  return {
    ...command,
    run: ({ flags, operands, session }) =>
      forEach(session.console, operands, async (typed) => {
        const { server = flags.server, repository } = parseHubName(typed)
        await withHub(session, server, (hub) => act(hub, repository))
        return typed
      }),
  }
}
