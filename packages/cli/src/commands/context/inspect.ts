import { dirname } from 'node:path'
import { atLeast, defineCommand } from '../../command.ts'
import { contextPaths, readContext, tlsFilesOf } from '../../config/contexts.ts'
import { currentContext, implicitContext } from '../../config/current-context.ts'
import { text } from '../../flags/flag.ts'
import { inspectFormatHelp } from '../../format/format-help.ts'
import { printInspected } from '../../format/inspect.ts'

const inMemory = '<IN MEMORY>'

export const command = defineCommand({
  names: ['context inspect'],
  usage: '[OPTIONS] [CONTEXT] [CONTEXT...]',
  summary: 'Display detailed information on one or more contexts',
  operands: atLeast(0),
  flags: { format: text('f', inspectFormatHelp) },
  run: async ({ flags: { format }, operands, session: { console, env, global, config } }) => {
    const { path, file } = await config()
    const directory = dirname(path)
    const names = operands.length > 0 ? operands : [currentContext({ flags: global, env, file })]
    return await printInspected(console, names, format, async (name) => {
      if (name === 'default') {
        const Storage = { MetadataPath: inMemory, TLSPath: inMemory }
        return { ...implicitContext({ flags: global, env }), TLSMaterial: {}, Storage }
      }
      const context = await readContext(directory, name)
      const { meta, tls } = contextPaths(directory, name)
      const files = await tlsFilesOf(directory, name)
      const TLSMaterial = files.length === 0 ? {} : { docker: files }
      return { ...context, TLSMaterial, Storage: { MetadataPath: meta, TLSPath: tls } }
    })
  },
})
