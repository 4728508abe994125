import { addRule } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../../command.ts'
import { Exit } from '../../../exit.ts'
import { integer, text } from '../../../flags/flag.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'
import { printLine } from '../../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub rule create'],
  usage: '[OPTIONS] PROJECT immutable|retention',
  summary: 'Make tags immutable, or say which of them are kept',
  operands: exactly(2),
  flags: {
    ...hubFlags,
    'keep-days': integer('', 'Keep those pushed in so many days'),
    'keep-latest': integer('', 'Keep so many, the newest'),
    repositories: text('', 'What stands behind the project’s name: * and ? stand for letters (default *)'),
    tags: text('', 'Which tags: v*, or release-? (default *)'),
  },
  run: ({ flags, operands: [project = '', kind = ''], session }) => {
    if (kind !== 'immutable' && kind !== 'retention') throw new Exit(1, 'a rule is immutable or retention')
    const { repositories, tags, 'keep-days': keepDays, 'keep-latest': keepLatest } = flags
    return withHub(session, flags.server, async (hub) => {
      const id = await addRule(hub, project, {
        kind,
        ...(repositories === undefined ? {} : { repositories }),
        ...(tags === undefined ? {} : { tags }),
        ...(keepDays === undefined ? {} : { keepDays }),
        ...(keepLatest === undefined ? {} : { keepLatest }),
      })
      printLine(session.console, id)
      return 0
    })
  },
})
