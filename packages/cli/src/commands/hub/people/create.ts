import { text as readAll } from 'node:stream/consumers'
import { addAccount } from '@slipway/client/hub/client'
import { between, defineCommand, type Session } from '../../../command.ts'
import { Exit } from '../../../exit.ts'
import { toggle } from '../../../flags/flag.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'
import { printLine } from '../../../terminal/console.ts'
import { prompt } from '../../../terminal/prompt.ts'

const readNewPassword = async ({ console }: Session, fromStdin: boolean): Promise<string> => {
  if (fromStdin) return (await readAll(console.stdin)).replace(/\r?\n$/, '')
  if (console.stdin.isTTY !== true) throw new Exit(1, 'the password is read from standard input: add --password-stdin')
  return await prompt(console, 'Password: ', { hidden: true })
}

export const command = defineCommand({
  names: ['hub people create'],
  usage: '[OPTIONS] NAME [PATTERN [ACTIONS]]',
  summary: 'Make an account, for everything or what a pattern names',
  operands: between(1, 3),
  flags: {
    ...hubFlags,
    'password-stdin': toggle('', 'Take the password from stdin'),
    robot: toggle('', 'An account for a program: it has access tokens, and no password'),
  },
  run: async ({ flags, operands: [name = '', pattern, actions], session }) => {
    const password = flags.robot ? undefined : await readNewPassword(session, flags['password-stdin'])
    return await withHub(session, flags.server, async (hub) => {
      await addAccount(hub, {
        name,
        ...(password === undefined ? {} : { password }),
        ...(pattern === undefined ? {} : { pattern }),
        ...(actions === undefined ? {} : { actions }),
      })
      printLine(session.console, name)
      return 0
    })
  },
})
