import { dirname } from 'node:path'
import { defineCommand, exactly } from '../../command.ts'
import { checkContextName, readContext, writeContext } from '../../config/contexts.ts'
import { text } from '../../flags/flag.ts'
import { printLine, warnLine } from '../../terminal/console.ts'
import { endpointDetails, endpointFlag, readEndpoint } from './endpoint.ts'

export const command = defineCommand({
  names: ['context update'],
  usage: '[OPTIONS] CONTEXT',
  summary: 'Update a context',
  details: endpointDetails('update'),
  operands: exactly(1),
  flags: { description: text('', 'Description of the context'), docker: endpointFlag },
  run: async ({ flags, operands: [name = ''], session: { console, env, global, config } }) => {
    checkContextName(name)
    const directory = dirname((await config()).path)
    const before = await readContext(directory, name)
    const changed =
      flags.docker === undefined ? undefined : await readEndpoint(flags.docker, { directory, flags: global, env })
    const Metadata = flags.description === undefined ? before.Metadata : { Description: flags.description }
    const Endpoints = changed === undefined ? before.Endpoints : { docker: changed.endpoint }
    await writeContext(directory, { Name: name, Metadata, Endpoints }, changed?.tls)
    printLine(console, name)
    warnLine(console, `Successfully updated context "${name}"`)
    return 0
  },
})
