import { createWriteStream, statSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { Output } from '@slipway/buildkit/client'
import { messageOf, parseReference } from '@slipway/client'
import { Exit } from '../exit.ts'
import type { ConsoleOutput } from '../terminal/console.ts'
import { readAnnotation } from './annotation.ts'
import { splitFields, splitPair } from './fields.ts'

/** One `--output`: what the daemon is asked for, and where on our side it goes. */
export interface BuildOutput {
  readonly type: string
  readonly attrs: ReadonlyMap<string, string>
  readonly target?: Output
  /** In place of `target`: a directory that becomes an OCI layout. */
  readonly layout?: string
}

interface Typed {
  readonly type: string
  readonly dest: string
  readonly attrs: Map<string, string>
}

const readTyped = (text: string): Typed => {
  const fields = splitFields(text)
  if (fields.length === 1 && fields[0] === text && !text.startsWith('type=')) {
    return { type: text === '-' ? 'tar' : 'local', dest: text, attrs: new Map() }
  }
  const attrs = new Map<string, string>()
  for (const field of fields) {
    const pair = splitPair(field)
    if (pair === undefined) throw new Exit(1, `ERROR: invalid value ${field}`)
    attrs.set(...pair)
  }
  const type = attrs.get('type') ?? ''
  if (type === '') throw new Exit(1, 'ERROR: type is required for output')
  const dest = attrs.get('dest') ?? ''
  attrs.delete('type')
  attrs.delete('dest')
  return { type, dest, attrs }
}

const refuse = (why: string): never => {
  throw new Exit(1, `ERROR: failed to build: ${why}`)
}

const directoryOutput = ({ type, dest, attrs }: Typed): BuildOutput => {
  if (dest === '') refuse(`dest is required for ${type} exporter`)
  if (dest === '-') refuse(`dest cannot be stdout for ${type} exporter`)
  if (statSync(dest, { throwIfNoEntry: false })?.isDirectory() === false)
    refuse(`destination directory ${dest} is a file`)
  return { type, attrs, target: { kind: 'directory', path: dest } }
}

const isLayout = ({ attrs }: Typed): boolean => /^(?:0|f|F|false|FALSE|False)$/.test(attrs.get('tar') ?? '')

const layoutOutput = (typed: Typed): BuildOutput => {
  const { target: _, ...output } = directoryOutput(typed)
  return { ...output, layout: typed.dest }
}

/** A regular file is only there when all of it is: it is written beside its place first. */
const fileAt = (path: string): Output => {
  const isPlain = statSync(path, { throwIfNoEntry: false })?.isFile() ?? true
  const written = isPlain ? `${path}.${process.pid}.part` : path
  return {
    kind: 'file',
    async take(bytes) {
      try {
        await pipeline(bytes, createWriteStream(written))
        if (isPlain) await rename(written, path)
      } catch (error) {
        if (isPlain) await rm(written, { force: true })
        throw error
      }
    },
  }
}

const fileOutput = ({ type, dest, attrs }: Typed, stdout: ConsoleOutput): BuildOutput => {
  if (dest === '' || dest === '-') {
    if (stdout.isTTY === true) refuse(`dest file is required for ${type} exporter. refusing to write to console`)
    return { type, attrs, target: { kind: 'file', take: (bytes) => pipeline(bytes, stdout, { end: false }) } }
  }
  if (statSync(dest, { throwIfNoEntry: false })?.isDirectory() === true)
    refuse(`destination file ${dest} is a directory`)
  return { type, attrs, target: fileAt(dest) }
}

/** Into the engine's own store. */
const storeOutput = ({ attrs }: Typed, more: Readonly<Record<string, string>> = {}): BuildOutput => ({
  type: 'moby',
  attrs: new Map([...attrs, ...Object.entries(more)]),
})

const kinds: Readonly<Record<string, (typed: Typed, stdout: ConsoleOutput) => BuildOutput>> = {
  local: directoryOutput,
  tar: fileOutput,
  oci: (typed, stdout) => (isLayout(typed) ? layoutOutput(typed) : fileOutput(typed, stdout)),
  docker: (typed, stdout) => {
    if (typed.dest === '') return storeOutput(typed)
    return isLayout(typed) ? layoutOutput(typed) : fileOutput(typed, stdout)
  },
  image: (typed) => storeOutput(typed),
  registry: (typed) => storeOutput(typed, { push: 'true' }),
}

/** Reads one `--output`. Throws Exit. */
export const readOutput = (text: string, stdout: ConsoleOutput): BuildOutput => {
  const typed = readTyped(text)
  const kind = Object.hasOwn(kinds, typed.type) ? kinds[typed.type] : undefined
  // What is unknown here is the daemon's to refuse.
  return kind?.(typed, stdout) ?? { type: typed.type, attrs: typed.attrs }
}

const checkTag = (tag: string): void => {
  try {
    parseReference(tag)
  } catch (error) {
    const why = messageOf(error).replace(/^.*repository name \(.*\) must/, 'repository name must')
    refuse(`invalid tag ${JSON.stringify(tag)}: ${why}`)
  }
}

export interface OutputFlags {
  readonly output: readonly string[]
  readonly push: boolean
  readonly load: boolean
  readonly tag: readonly string[]
  readonly annotation: readonly string[]
}

/** All outputs of one command line: the store where nothing else is said. Throws Exit. */
export const readOutputs = (
  { output, push, load, tag, annotation }: OutputFlags,
  stdout: ConsoleOutput,
): readonly BuildOutput[] => {
  tag.forEach(checkTag)
  const typed = output.map((text) => readOutput(text, stdout)).filter(({ type }) => type !== 'cacheonly')
  const isImage = ({ type }: BuildOutput): boolean => type === 'moby'
  const pushed = push
    ? typed.map((one) => (isImage(one) ? { ...one, attrs: new Map([...one.attrs, ['push', 'true']]) } : one))
    : typed
  const wantsStore = output.length === 0 || ((push || load) && !typed.some(isImage))
  const all = wantsStore ? [...pushed, { type: 'moby', attrs: new Map(push ? [['push', 'true']] : []) }] : pushed
  const named = tag.join(',')
  if (all.some(({ attrs }) => attrs.get('push') === 'true' && !attrs.has('name')) && named === '') {
    refuse('tag is needed when pushing to registry')
  }
  const annotations = annotation.flatMap(readAnnotation)
  return all.map((one) => {
    if (one.type === 'local' || one.type === 'tar') return one
    const names = [one.attrs.get('name'), named].filter(Boolean).join(',')
    return {
      ...one,
      attrs: new Map([...annotations, ...one.attrs, ...(names === '' ? [] : [['name', names] as const])]),
    }
  })
}
