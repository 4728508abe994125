import type { IgnoreMatcher, Platform, Resources } from '@slipway/core'
import type { Edge } from '../graph/vertex.ts'
import type { StepLimits } from '../ops/exec.ts'
import type { LayerOptions } from '../ops/layer.ts'
import type { StepNetwork } from '../worker.ts'
import { type Assignments, allAssigned, assign, assignedTo } from './assignments.ts'
import type { Notice } from './check/rules.ts'
import type { StageConfig } from './config.ts'
import { expandWord, expandWords, type Variables } from './expand.ts'
import type { Line } from './parser.ts'
import type { Place } from './problem.ts'
import { didYouMean } from './suggest.ts'

/** A build argument in scope; without a value it was declared and never given one. */
export interface Argument {
  readonly name: string
  readonly value?: string
}

/** They are about attestations, and no variables. */
export const neverSet: ReadonlySet<string> = new Set(['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE'])

/** A stage being built: the file system so far and the config so far. Never changed in place. */
export interface Stage {
  readonly root: Edge
  readonly config: StageConfig
  readonly author?: string
  readonly platform: Platform
  /** The ARGs, perhaps without a value. */
  readonly args: Assignments<string | undefined>
  /**
   * What text can name and what a RUN sees, as `NAME=value`: ENV and ARG in the order of the file, of which the later one
   * counts.
   */
  readonly environment: Assignments<string>
  /** Where in this stage CMD, ENTRYPOINT and HEALTHCHECK were given, by name. */
  readonly given: Readonly<Record<string, Place>>
  /** WORKDIR was given in this file, in this stage or one that it stands on. */
  readonly workdirGiven?: boolean
  /** Who is told what the build checks find. */
  readonly notice?: Notice
}

/** What is the same for all stages of a build. */
export interface Setting {
  readonly buildArgs: Readonly<Record<string, string | null>>
  /** The ARGs before the first FROM and those of the platform, with their values. */
  readonly globalArgs: ReadonlyMap<string, string>
  readonly context: Edge
  /** What of the context is left out. */
  readonly ignore?: IgnoreMatcher
  /** The file system that `--from=name` means. Throws invalid. */
  readonly sourceOf: (name: string) => Edge
  readonly networkMode: StepNetwork
  /** RUN may ask for the host's network. Default: yes. */
  readonly hostNetwork?: boolean
  readonly extraHosts: readonly string[]
  readonly shmSize?: number
  readonly resources: Resources
  readonly limits?: StepLimits
  /** A name of `--chown` that the image doesn't know is an error, as for the classic builder; BuildKit takes root. */
  readonly strictOwners?: boolean
  /** SOURCE_DATE_EPOCH, in seconds since 1970: nothing that a step writes is younger. */
  readonly newest?: number
}

/** How the layers of a build are made. */
export const layerOptions = ({ newest }: Setting): LayerOptions => (newest === undefined ? {} : { newest })

/** What an instruction makes of its stage. A new `root` is a new layer. */
export interface Outcome {
  readonly stage: Stage
  /** The entry in the image's history, as BuildKit writes it; undefined: there is none. */
  readonly createdBy?: string
}

/** The value of a variable in a list of `NAME=value`; the last one counts. */
export const envValue = (env: readonly string[] | undefined, name: string): string | undefined =>
  env?.findLast((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1)

/** The variables that an instruction's text can name. */
export const variablesOf =
  ({ environment }: Stage): Variables =>
  (name) => {
    const entry = assignedTo(environment, name)?.[1]
    return entry?.slice(entry.indexOf('=') + 1)
  }

/** The same, where it is noticed when a name has no value. */
const noticingVariables = (stage: Stage): Variables => {
  const value = variablesOf(stage)
  return (name) => {
    const found = value(name)
    if (found === undefined) noticeUndefined(stage, name)
    return found
  }
}

/** One that was declared, if only without a value, is fine. */
const noticeUndefined = ({ notice, args, environment }: Stage, name: string): void => {
  if (notice === undefined || neverSet.has(name) || assignedTo(args, name) !== undefined) return
  const names = allAssigned(environment).map(([known]) => known)
  notice('UndefinedVar', `Usage of undefined variable '$${name}'${didYouMean(name, names, '$')}`)
}

export const expandIn = (stage: Stage, line: Line, text: string): string =>
  expandWord(text, noticingVariables(stage), { escape: line.escapeChar })

/** The body of a heredoc: quotes mean nothing in it, and `\\` escapes. */
export const expandBodyIn = (stage: Stage, text: string): string =>
  expandWord(text, noticingVariables(stage), { ignoreQuotes: true })

/** Where nobody is told of names without a value. */
export const expandQuietlyIn = (stage: Stage, line: Line, text: string): string =>
  expandWord(text, variablesOf(stage), { escape: line.escapeChar })

export const expandWordsIn = (stage: Stage, line: Line, text: string): readonly string[] =>
  expandWords(text, variablesOf(stage), { escape: line.escapeChar })

/** The ARGs of the stage, each name once, with the value it has now: what a RUN's history shows. */
export const effectiveArgs = (stage: Stage): readonly Argument[] => {
  const current = variablesOf(stage)
  return allAssigned(stage.args).map(([name, given]) => {
    const value = current(name) ?? given
    return value === undefined ? { name } : { name, value }
  })
}

/** `list` with `NAME=value` in the place of older values, or at the end. */
export const withEnv = (
  list: Assignments<string> | null | undefined,
  pairs: readonly (readonly [name: string, value: string])[],
): Assignments<string> =>
  assign(
    list,
    pairs.map(([name, value]) => [name, `${name}=${value}`]),
  )

/** Changes the config and nothing else. */
export const withConfig = (stage: Stage, change: StageConfig): Stage => ({
  ...stage,
  config: { ...stage.config, ...change },
})

export const defaultShell: readonly string[] = ['/bin/sh', '-c']

/** The words of a shell form, in the stage's shell. */
export const inShell = (stage: Stage, text: string): readonly string[] => [
  ...(stage.config.Shell ?? defaultShell),
  text,
]
