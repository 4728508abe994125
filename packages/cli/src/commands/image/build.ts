import { buildFlags } from '../../build/flags.ts'
import { defineCommand, exactly } from '../../command.ts'
import { Exit } from '../../exit.ts'

/** docker's switch: `0` is the classic builder. */
const isSwitchedOff = (value: string | undefined): boolean => value === '0' || value?.toLowerCase() === 'false'

export const command = defineCommand({
  names: ['image build', 'builder build', 'build'],
  usage: '[OPTIONS] PATH | URL | -',
  summary: 'Build an image from a Dockerfile',
  operands: exactly(1),
  flags: buildFlags,
  run: async ({ flags, operands: [source = ''], given, session }) => {
    if (flags.builder !== undefined && flags.builder !== 'default') {
      throw new Exit(1, `ERROR: no builder ${JSON.stringify(flags.builder)} found`)
    }
    const isOff = isSwitchedOff(session.env['DOCKER_BUILDKIT'])
    const { needsClassic, buildClassic } = await import('../../build/classic.ts')
    if (needsClassic(given, !isOff && (await session.client()).hasBuildKit)) {
      return await buildClassic(flags, source, session)
    }
    const { buildWithBuildKit } = await import('../../build/build.ts')
    return await buildWithBuildKit(flags, source, session)
  },
})
