import { homedir } from 'node:os'
import { resolve } from 'node:path'

export interface Volumes {
  /** `source:destination[:options]` */
  readonly binds: readonly string[]
  /** A path alone asks for a volume without a name. */
  readonly anonymous: readonly string[]
}

const absolute = (bind: string): string => {
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
