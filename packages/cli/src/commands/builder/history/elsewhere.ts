import { atLeast, defineCommand } from '../../../command.ts'
import { Exit } from '../../../exit.ts'

/** What buildx hands over to another program, and an engine alone can't do: refused with what does come near. */
const refused = (name: string, summary: string, why: string) =>
  defineCommand({
    names: [`builder history ${name}`],
    usage: '[OPTIONS] [REF]',
    summary,
    operands: atLeast(0),
    flags: {},
    run: async () => {
      throw new Exit(1, `ERROR: ${why}`)
    },
  })

export const commands = {
  import: refused(
    'import',
    'Import build records into Docker Desktop (not here)',
    'records are imported into Docker Desktop, which is not here: an engine remembers its own builds alone',
  ),
  open: refused(
    'open',
    'Open a build record in Docker Desktop (not here)',
    'Docker Desktop is not here: `slipway builder history inspect` and `logs` show a record',
  ),
  trace: refused(
    'trace',
    'Show the trace of a build record (not here)',
    'the engine keeps no traces: `slipway builder history logs --progress=rawjson` has the times of all steps',
  ),
}
