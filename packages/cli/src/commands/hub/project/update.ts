import { editProject, setQuota } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../../command.ts'
import { Exit } from '../../../exit.ts'
import { integer, text } from '../../../flags/flag.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'

const visibilityFrom = (text: string | undefined) => {
  if (text === undefined) return {}
  if (text !== 'public' && text !== 'private') throw new Exit(1, 'visibility is public or private')
  return { visibility: text } as const
}

export const command = defineCommand({
  names: ['hub project update'],
  usage: '[OPTIONS] PROJECT',
  summary: 'Change a project’s description, visibility or quota',
  operands: exactly(1),
  flags: {
    ...hubFlags,
    description: text('', 'What it is for'),
    quota: integer('', 'How much it may hold, in bytes (0: no limit)'),
    visibility: text('', 'public: everyone may pull; private: its members'),
  },
  run: ({ flags, operands: [name = ''], session }) => {
    const edit = {
      ...visibilityFrom(flags.visibility),
      ...(flags.description === undefined ? {} : { description: flags.description }),
    }
    return withHub(session, flags.server, async (hub) => {
      if (Object.keys(edit).length > 0) await editProject(hub, name, edit)
      if (flags.quota !== undefined) await setQuota(hub, name, flags.quota)
      return 0
    })
  },
})
