import { dirname } from 'node:path'
import { messageOf, readTexts } from '@slipway/client'
import { defineCommand, exactly } from '../../command.ts'
import { type Context, checkContextName, hasContext, type TlsFile, writeContext } from '../../config/contexts.ts'
import { Exit } from '../../exit.ts'
import { openFile } from '../../open-file.ts'
import { printLine, warnLine } from '../../terminal/console.ts'

/** docker's: of a context as a file, 10 MB. */
const largest = 10 << 20
/** How a zip archive begins, which docker reads as well. */
const zipMark = 'PK\x03\x04'

interface Unpacked {
  readonly meta: Partial<Context>
  readonly tls: Readonly<Partial<Record<TlsFile, string>>>
}

const parseMeta = (text: string | undefined): Partial<Context> => {
  if (text === undefined) throw new Exit(1, 'invalid context: no metadata found')
  try {
    const meta: unknown = JSON.parse(text)
    if (typeof meta === 'object' && meta !== null && !Array.isArray(meta)) return meta
  } catch (error) {
    throw new Exit(1, `invalid context: ${messageOf(error)}`, { cause: error })
  }
  throw new Exit(1, 'invalid context: no metadata found')
}

/** Sorts what an archive holds. Other endpoints than the engine's have nothing to say here. Throws Exit. */
const sortOut = (texts: ReadonlyMap<string, string>): Unpacked => {
  const tls: Partial<Record<TlsFile, string>> = {}
  for (const [path, text] of texts) {
    const [, endpoint, name] = /^tls\/([^/]+)\/(?:(ca|cert|key)\.pem$)?/.exec(path) ?? []
    if (path !== 'meta.json' && endpoint === undefined) throw new Exit(1, `${path}: unexpected context file`)
    if (endpoint === 'docker' && name !== undefined) tls[name as TlsFile] = text
    else if (endpoint === 'docker') throw new Exit(1, `${path}: unexpected context file`)
  }
  return { meta: parseMeta(texts.get('meta.json')), tls }
}

/** The beginning of it decides whether it is a tar. */
async function* refuseZip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isFirst = true
  for await (const piece of source) {
    if (isFirst && Buffer.from(piece.subarray(0, 4)).toString('latin1') === zipMark) {
      throw new Exit(1, 'a zip archive is not read: make a tar of what is in it')
    }
    isFirst = false
    yield piece
  }
}

export const command = defineCommand({
  names: ['context import'],
  usage: 'CONTEXT FILE|-',
  summary: 'Import a context from a tar archive',
  operands: exactly(2),
  flags: {},
  run: async ({ operands: [name = '', path = ''], session: { console, config } }) => {
    checkContextName(name)
    const directory = dirname((await config()).path)
    if (await hasContext(directory, name)) throw new Exit(1, `context "${name}" already exists`)
    const source = path === '-' ? console.stdin : await openFile(path)
    const { meta, tls } = sortOut(await readTexts(refuseZip(source), { limit: largest }))
    const { Metadata = {}, Endpoints = {} } = meta
    await writeContext(directory, { ...meta, Name: name, Metadata, Endpoints }, tls)
    printLine(console, name)
    warnLine(console, `Successfully imported context "${name}"`)
    return 0
  },
})
