import { explainBuild } from '@slipway/client'
import { showExplained } from '../../build/explained.ts'
import { needSlipway } from '../../build/need-slipway.ts'
import { between, defineCommand } from '../../command.ts'

/** The last part of what `docker buildx history ls` shows of a build's name is the name that the engine knows. */
const nameOf = (typed: string): string => typed.slice(typed.lastIndexOf('/') + 1)

export const command = defineCommand({
  names: ['builder explain'],
  usage: '[BUILD]',
  summary: 'Tell why each step of a build was or was not cached',
  operands: between(0, 1),
  flags: {},
  run: async ({ operands: [build], session }) => {
    await needSlipway('builder explain', session)
    const { Steps } = await explainBuild(await session.client(), build === undefined ? undefined : nameOf(build))
    showExplained(Steps, session.console)
    return 0
  },
})
