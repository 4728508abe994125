import type { GarbageStatus } from '@slipway/client'
import { collectGarbage, readGarbage } from '@slipway/client/hub/client'
import { defineCommand, none, type Session } from '../../command.ts'
import { text, toggle } from '../../flags/flag.ts'
import { inspectFormatHelp } from '../../format/format-help.ts'
import { humanSize } from '../../format/human.ts'
import { compileFormat, printWith } from '../../format/inspect.ts'
import { alignTabs } from '../../format/table.ts'
import { hubFlags, withHub } from '../../hub/connect.ts'

const statusText = ({ queue, totals, freedBytes, running }: GarbageStatus): string => {
  const rows = queue.map((one) => {
    const done = totals.find(({ kind }) => kind === one.kind)?.collected ?? 0
    return [one.kind, one.waiting, one.due, one.failing, humanSize(one.bytes), done].join('\t')
  })
  const table = alignTabs(['KIND\tWAITING\tDUE\tFAILING\tSIZE\tCOLLECTED', ...rows])
  return `${table}\nFreed so far: ${humanSize(freedBytes)}${running ? '\nA pass is under way' : ''}\n`
}

const show = (
  { console: { stdout } }: Session,
  data: object,
  format: string | undefined,
  usual: () => string,
): void => {
  if (format === undefined) stdout.write(usual())
  else printWith(stdout, compileFormat(format, 'inspect'), data)
}

export const command = defineCommand({
  names: ['hub gc'],
  usage: '[OPTIONS]',
  summary: 'Show what waits for the garbage collector, or let it run now',
  operands: none,
  flags: {
    ...hubFlags,
    format: text('f', inspectFormatHelp),
    run: toggle('', 'A pass now: collect what is due'),
  },
  run: ({ flags, session }) =>
    withHub(session, flags.server, async (hub) => {
      if (flags.run) {
        const pass = await collectGarbage(hub)
        const { collected, reviewed, failed, freedBytes } = pass
        const sentence = `Collected ${collected} of ${reviewed}, ${failed} failed, freed ${humanSize(freedBytes)}\n`
        show(session, pass, flags.format, () => sentence)
      } else {
        const status = await readGarbage(hub)
        show(session, status, flags.format, () => statusText(status))
      }
      return 0
    }),
})
