import { bootstrapImage } from '@slipway/client'
import { defineCommand, exactly } from '../../command.ts'
import { toggle } from '../../flags/flag.ts'
import { drainProgress, showProgress } from '../../progress/show-progress.ts'

export const command = defineCommand({
  names: ['image bootstrap'],
  usage: '[OPTIONS] NAME[:TAG]',
  summary: "Make a base image from a distribution's own packages (busybox, debian:bookworm, …)",
  operands: exactly(1),
  flags: { quiet: toggle('q', 'Suppress verbose output') },
  run: async ({ flags, operands: [name = ''], session }) => {
    const messages = await bootstrapImage(await session.client(), name)
    if (flags.quiet) await drainProgress(messages)
    else await showProgress(messages, session.console.stdout)
    return 0
  },
})
