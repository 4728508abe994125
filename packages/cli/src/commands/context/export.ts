import { open, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { packTexts } from '@slipway/client'
import { between, defineCommand } from '../../command.ts'
import { type Context, contextPaths, defaultContext, readContext, tlsFilesOf } from '../../config/contexts.ts'
import { implicitContext } from '../../config/current-context.ts'
import { Exit, fileProblem } from '../../exit.ts'
import { warnLine } from '../../terminal/console.ts'

/** What docker's own import reads: `meta.json`, and the PEM files below `tls/docker/`. */
const textsOf = async (directory: string, context: Context): Promise<Readonly<Record<string, string>>> => {
  const { Name: name } = context
  const files = name === defaultContext ? [] : await tlsFilesOf(directory, name)
  const folder = join(contextPaths(directory, name).tls, 'docker')
  const pems = await Promise.all(
    files.map(async (file) => [`tls/docker/${file}`, await readFile(join(folder, file), 'utf8')] as const),
  )
  return { 'meta.json': JSON.stringify(context), ...Object.fromEntries(pems) }
}

/** Made anew for its owner alone, for keys are in it. Throws Exit where there is one already. */
const createFile = (path: string) =>
  open(path, 'wx', 0o600).catch((error: unknown) => {
    throw new Exit(1, fileProblem(error, path), { cause: error })
  })

export const command = defineCommand({
  names: ['context export'],
  usage: '[OPTIONS] CONTEXT [FILE|-]',
  summary: 'Export a context to a tar archive FILE or a tar stream on STDOUT.',
  operands: between(1, 2),
  flags: {},
  run: async ({ operands: [name = '', path = `${name}.dockercontext`], session: { console, env, global, config } }) => {
    if (path === '-' && console.stdout.isTTY === true) {
      throw new Exit(1, 'cowardly refusing to export to a terminal, specify a file path')
    }
    const directory = dirname((await config()).path)
    const isImplicit = name === defaultContext
    const context = isImplicit ? implicitContext({ flags: global, env }) : await readContext(directory, name)
    const tar = packTexts(await textsOf(directory, context))
    if (path === '-') {
      await pipeline(tar, console.stdout, { end: false })
      return 0
    }
    await pipeline(tar, (await createFile(path)).createWriteStream())
    warnLine(console, `Written file "${path}"`)
    return 0
  },
})
