import { createVolume } from '@slipway/client'
import { between, defineCommand } from '../../command.ts'
import { readPairs } from '../../container-options/pairs.ts'
import { Exit } from '../../exit.ts'
import { list, text } from '../../flags/flag.ts'
import { printLine } from '../../terminal/console.ts'

export const command = defineCommand({
  names: ['volume create'],
  usage: '[OPTIONS] [VOLUME]',
  summary: 'Create a volume',
  operands: between(0, 1),
  flags: {
    driver: text('d', 'Specify volume driver name', { shownDefault: '"local"' }),
    label: list('', 'Set metadata for a volume'),
    name: text('', 'Specify volume name', { hidden: true }),
    opt: list('o', 'Set driver specific options', { placeholder: 'map', shownDefault: 'map[]' }),
  },
  run: async ({ flags, operands: [operand], session }) => {
    if (operand !== undefined && flags.name) {
      throw new Exit(1, 'conflicting options: cannot specify a volume-name through both --name and as a positional arg')
    }
    const { Name } = await createVolume(await session.client(), {
      Name: operand ?? flags.name ?? '',
      Driver: flags.driver ?? 'local',
      DriverOpts: readPairs(flags.opt),
      Labels: readPairs(flags.label),
    })
    printLine(session.console, Name)
    return 0
  },
})
