import { shutdownEngine } from '@slipway/client'
import { defineCommand, none } from '../../command.ts'
import { integer } from '../../flags/flag.ts'
import { printLine } from '../../terminal/console.ts'

export const command = defineCommand({
  names: ['system shutdown'],
  usage: '[OPTIONS]',
  summary: 'Stop every container, remove bridges and rules, and end the engine',
  operands: none,
  flags: { timeout: integer('t', 'Seconds to wait before killing a container') },
  run: async ({ flags: { timeout }, session: { console, client } }) => {
    const { ContainersStopped: stopped } = await shutdownEngine(await client(), { timeout })
    printLine(console, `Stopped ${stopped} container${stopped === 1 ? '' : 's'} and the engine`)
    return 0
  },
})
