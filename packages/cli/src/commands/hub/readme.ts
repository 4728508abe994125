import { readFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import { editRepository, readRepository } from '@slipway/client/hub/client'
import { defineCommand, exactly, type Session } from '../../command.ts'
import { Exit, fileProblem } from '../../exit.ts'
import { text } from '../../flags/flag.ts'
import { hubFlags, withHub } from '../../hub/connect.ts'
import { parseHubName } from '../../hub/name.ts'

const readSource = async ({ console }: Session, file: string): Promise<string> => {
  if (file === '-') return await readAll(console.stdin)
  return await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Exit(1, fileProblem(error, file))
  })
}

export const command = defineCommand({
  names: ['hub readme'],
  usage: '[OPTIONS] REPOSITORY',
  summary: 'Print a repository’s README, or set it from a file',
  operands: exactly(1),
  flags: { ...hubFlags, file: text('f', 'Markdown that takes its place ("-" for stdin)') },
  run: async ({ flags, operands: [typed = ''], session }) => {
    const { server = flags.server, repository } = parseHubName(typed)
    const wanted = flags.file === undefined ? undefined : await readSource(session, flags.file)
    return await withHub(session, server, async (hub) => {
      const { readme, edition } = await readRepository(hub, repository)
      if (wanted === undefined)
        session.console.stdout.write(readme === '' || readme.endsWith('\n') ? readme : `${readme}\n`)
      else await editRepository(hub, repository, { readme: wanted, edition })
      return 0
    })
  },
})
