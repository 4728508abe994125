import { needsClassic } from '../../build/door.ts'
import { buildFlags } from '../../build/flags.ts'
import { needSlipway } from '../../build/need-slipway.ts'
import { wantsClassic } from '../../build/switch.ts'
import { defineCommand, exactly } from '../../command.ts'
import { Exit } from '../../exit.ts'

export const command = defineCommand({
  names: ['image build', 'builder build', 'build'],
  usage: '[OPTIONS] PATH | URL | -',
  summary: 'Start a build',
  operands: exactly(1),
  flags: buildFlags,
  run: async ({ flags, operands: [source = ''], given, session }) => {
    if (flags.builder !== undefined && flags.builder !== 'default') {
      throw new Exit(1, `ERROR: no builder ${JSON.stringify(flags.builder)} found`)
    }
    const own = (['explain', 'shell-on-error'] as const).find((name) => flags[name])
    if (own !== undefined) await needSlipway(`--${own}`, session)
    // It is loaded while the engine is asked what it has.
    const loading = import('../../build/build.ts')
    if (needsClassic(given, !(await wantsClassic(session)))) {
      const { buildClassic } = await import('../../build/classic.ts')
      return await buildClassic(flags, source, session)
    }
    const { buildWithBuildKit } = await loading
    return await buildWithBuildKit(flags, source, session)
  },
})
