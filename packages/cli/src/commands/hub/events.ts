import type { FeedEvent } from '@slipway/client'
import { listFeed, watchFeed } from '@slipway/client/hub/client'
import { between, defineCommand } from '../../command.ts'
import { integer, text } from '../../flags/flag.ts'
import { inspectFormatHelp } from '../../format/format-help.ts'
import { compileFormat, printWith } from '../../format/inspect.ts'
import { hubFlags, withHub } from '../../hub/connect.ts'
import { take } from '../../hub/list.ts'
import { parseHubName } from '../../hub/name.ts'

const lineOf = ({ at, kind, repository, reference, account, times }: FeedEvent): string => {
  const join = reference.includes(':') ? '@' : ':'
  const who = account === null ? '' : ` by ${account}`
  return `${at} ${kind} ${repository}${join}${reference}${who}${times > 1 ? ` (${times} times)` : ''}`
}

export const command = defineCommand({
  names: ['hub events'],
  usage: '[OPTIONS] [REPOSITORY]',
  summary: 'Show pushes, pulls and deletes as they happen',
  operands: between(0, 1),
  flags: {
    ...hubFlags,
    format: text('f', inspectFormatHelp),
    last: integer('n', 'Only so many of the last ones, the newest first, instead of waiting'),
  },
  run: ({ flags, operands: [typed], session }) => {
    const { server = flags.server, repository } = typed === undefined ? { server: flags.server } : parseHubName(typed)
    const { stdout } = session.console
    const print = flags.format === undefined ? undefined : compileFormat(flags.format, 'inspect')
    const show = (event: FeedEvent): void => {
      if (print === undefined) stdout.write(`${lineOf(event)}\n`)
      else printWith(stdout, print, event)
    }
    return withHub(session, server, async (hub) => {
      const query = repository === undefined ? {} : { repository }
      if (flags.last !== undefined) for (const event of await take(listFeed(hub, query), flags.last)) show(event)
      else for await (const event of watchFeed(hub, query)) show(event)
      return 0
    })
  },
})
