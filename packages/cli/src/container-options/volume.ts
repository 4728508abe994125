import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { Exit } from '../exit.ts'

export interface Volumes {
  /** `source:destination[:options]` */
  readonly binds: readonly string[]
  /** A path alone asks for a volume without a name. */
  readonly anonymous: readonly string[]
}

/** A letter alone is a drive of Windows for docker, wherever it stands. */
const sectionsOf = (bind: string): readonly string[] => {
  const sections: string[] = []
  let section = ''
  for (const char of bind) {
    if (char !== ':' || /^[a-z]$/i.test(section)) section += char
    else {
      sections.push(section)
      section = ''
    }
  }
  return [...sections, section]
}

/** Throws Exit, in docker's words, for what has no meaning on any engine. */
const checkSpec = (bind: string): void => {
  const parts = sectionsOf(bind)
  const fail = (why: string): never => {
    throw new Exit(125, `invalid spec: ${bind}: ${why}`)
  }
  if (parts.some((part) => part === '')) fail('empty section between colons')
  if (parts.length > 3) fail('too many colons')
}

const absolute = (bind: string): string => {
  checkSpec(bind)
  const [source = '', ...rest] = bind.split(':')
  if (!/^\.\.?(\/|$)/.test(source) && !source.startsWith('~/')) return bind
  const path = source.startsWith('~/') ? source.replace('~', homedir()) : resolve(source)
  return [path, ...rest].join(':')
}

/** Reads the values of `--volume`. What they mean is the engine's to judge. */
export const parseVolumes = (values: readonly string[]): Volumes => ({
  binds: values.filter((value) => value.includes(':')).map(absolute),
  anonymous: values.filter((value) => !value.includes(':')),
})

/** `--tmpfs /run:size=64m` as path and options. */
export const parseTmpfs = (value: string): readonly [path: string, options: string] => {
  const colon = value.indexOf(':')
  return colon === -1 ? [value, ''] : [value.slice(0, colon), value.slice(colon + 1)]
}
