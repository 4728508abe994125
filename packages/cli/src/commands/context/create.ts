import { dirname } from 'node:path'
import { defineCommand, exactly } from '../../command.ts'
import { checkContextName, hasContext, readContext, writeContext } from '../../config/contexts.ts'
import { implicitContext } from '../../config/current-context.ts'
import { Exit } from '../../exit.ts'
import { text } from '../../flags/flag.ts'
import { printLine, warnLine } from '../../terminal/console.ts'
import { endpointDetails, endpointFlag, type NewEndpoint, readEndpoint } from './endpoint.ts'

export const command = defineCommand({
  names: ['context create'],
  usage: '[OPTIONS] CONTEXT',
  summary: 'Create a context',
  details: endpointDetails('create'),
  operands: exactly(1),
  flags: {
    description: text('', 'Description of the context'),
    docker: endpointFlag,
    from: text('', 'create context from a named context'),
  },
  run: async ({ flags, operands: [name = ''], session: { console, env, global, config } }) => {
    checkContextName(name)
    const directory = dirname((await config()).path)
    if (await hasContext(directory, name)) throw new Exit(1, `context "${name}" already exists`)
    const choice = { flags: global, env }
    const from = async (): Promise<NewEndpoint> => {
      const source =
        flags.from === undefined || flags.from === 'default'
          ? implicitContext(choice)
          : await readContext(directory, flags.from)
      return { endpoint: source.Endpoints.docker ?? { Host: '', SkipTLSVerify: false }, tls: {} }
    }
    const { endpoint, tls } =
      flags.docker === undefined ? await from() : await readEndpoint(flags.docker, { directory, ...choice })
    const Metadata = flags.description === undefined ? {} : { Description: flags.description }
    await writeContext(directory, { Name: name, Metadata, Endpoints: { docker: endpoint } }, tls)
    printLine(console, name)
    warnLine(console, `Successfully created context "${name}"`)
    return 0
  },
})
