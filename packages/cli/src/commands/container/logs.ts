import { once } from 'node:events'
import { containerLogs, copyFrames, inspectContainer, messageOf } from '@slipway/client'
import { defineCommand, exactly } from '../../command.ts'
import { Exit } from '../../exit.ts'
import { makeFlag, text, toggle } from '../../flags/flag.ts'
import { toTimestamp } from '../../format/timestamp.ts'

const timestampOf = (name: string, text: string | undefined): string | undefined => {
  try {
    return toTimestamp(text)
  } catch (error) {
    throw new Exit(1, `invalid value for "${name}": ${messageOf(error)}`, { cause: error })
  }
}

export const command = defineCommand({
  names: ['container logs', 'logs'],
  usage: '[OPTIONS] CONTAINER',
  summary: 'Fetch the logs of a container',
  operands: exactly(1),
  flags: {
    details: toggle('', 'Show extra details provided to logs'),
    follow: toggle('f', 'Follow log output'),
    since: text('', 'Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)'),
    tail: makeFlag<string>('n', 'Number of lines to show from the end of the logs', 'all', (value) => value, {
      placeholder: 'string',
      shownDefault: '"all"',
    }),
    timestamps: toggle('t', 'Show timestamps'),
    until: text(
      '',
      'Show logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
    ),
  },
  run: async ({ flags, operands: [name = ''], session }) => {
    const client = await session.client()
    const { Id, Config } = await inspectContainer(client, name)
    const { follow, timestamps, details, tail } = flags
    const since = timestampOf('since', flags.since)
    const until = timestampOf('until', flags.until)
    const output = await containerLogs(client, Id, { follow, timestamps, details, tail, since, until })
    const { stdout } = session.console
    if (!Config.Tty) await copyFrames(output, session.console)
    else for await (const bytes of output) if (!stdout.write(bytes)) await once(stdout, 'drain')
    return 0
  },
})
