import { defineCommand, exactly } from '../../command.ts'
import { scripts } from '../../completion/scripts.ts'
import { Exit } from '../../exit.ts'

export const command = defineCommand({
  names: ['completion'],
  usage: 'SHELL',
  summary: 'Print the completion script of a shell: bash, fish or zsh',
  operands: exactly(1),
  flags: {},
  run: async ({ operands: [shell = ''], session: { console } }) => {
    const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined
    if (script === undefined) {
      throw new Exit(1, `unknown shell: ${shell} is none of ${Object.keys(scripts).join(', ')}`)
    }
    console.stdout.write(script)
    return 0
  },
})
