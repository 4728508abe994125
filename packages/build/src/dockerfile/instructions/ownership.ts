import { parseMode } from '../../ops/file/mode.ts'
import { changeFiles, linkFiles } from '../../ops/file.ts'
import type { Flags, FlagTable } from '../flags.ts'
import type { Line } from '../parser.ts'
import { expandIn, type Setting, type Stage } from '../stage.ts'

/** The flags that COPY and ADD have in common. */
export const fileFlags = {
  chown: 'string',
  chmod: 'string',
  link: 'boolean',
  exclude: 'strings',
} as const satisfies FlagTable

export interface Ownership {
  readonly owner?: string
  readonly ownerMustExist?: true
  readonly mode?: string
}

export const expandOwnership = (
  given: Flags,
  line: Line,
  stage: Stage,
  { strictOwners }: Pick<Setting, 'strictOwners'>,
): Ownership => {
  // What comes out empty is as if it weren't there.
  const expanded = (name: 'chown' | 'chmod'): string | undefined =>
    expandIn(stage, line, given.text(name) ?? '') || undefined
  const owner = expanded('chown')
  const mode = expanded('chmod')
  // Told before anything is built.
  if (mode !== undefined) parseMode(mode)
  return {
    ...(owner === undefined ? {} : { owner }),
    ...(owner === undefined || strictOwners !== true ? {} : { ownerMustExist: true }),
    ...(mode === undefined ? {} : { mode }),
  }
}

export const describeOwnership = ({ owner, mode }: Ownership, given: Flags): readonly string[] => [
  ...(given.isSet('parents') ? ['--parents'] : []),
  ...(owner === undefined ? [] : [`--chown=${owner}`]),
  ...(mode === undefined ? [] : [`--chmod=${mode}`]),
]

/** How the layer is made. As in BuildKit, `--chmod` needs a look at what is there, and so undoes `--link`. */
export const fileWriter = (given: Flags, { mode }: Ownership): typeof changeFiles =>
  given.isSet('link') && mode === undefined ? linkFiles : changeFiles
