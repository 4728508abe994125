import {
  digestOf,
  type ImageConfig,
  invalid,
  messageOf,
  type Platform,
  parseReference,
  type RunConfig,
  SlipwayError,
} from '@slipway/core'
import { allAssigned, startAssignments } from './dockerfile/assignments.ts'
import { startConfig, startEnvironment } from './dockerfile/config.ts'
import { expandWord, namesIn } from './dockerfile/expand.ts'
import type { Command } from './dockerfile/instruction.ts'
import { readCommand } from './dockerfile/instructions/index.ts'
import { type Line, parseDockerfile } from './dockerfile/parser.ts'
import { parsePlatform } from './dockerfile/platform.ts'
import { fromLine, withoutLine } from './dockerfile/problem.ts'
import { envValue, type Stage } from './dockerfile/stage.ts'
import type { StageText } from './dockerfile/stages.ts'
import { didYouMean } from './dockerfile/suggest.ts'
import type { Edge } from './graph/vertex.ts'
import { imageSource, scratch } from './ops/source.ts'
import type { PlannedBase, PlanOptions } from './plan.ts'
import type { BaseImage } from './worker.ts'

const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const withPath = (config: RunConfig): RunConfig =>
  envValue(config.Env, 'PATH') === undefined ? { ...config, Env: [defaultPath, ...(config.Env ?? [])] } : config

/** What another build made: there is no image of it yet, but its layers are here. */
export const builtImage = (config: ImageConfig): BaseImage => ({ id: digestOf(JSON.stringify(config)), config })

/** The file system of an image. */
export const layersOf = (name: string, config: ImageConfig): Edge => imageSource(name, config.rootfs.diff_ids)

/** The stage before its first instruction. The triggers of the base aren't its own. */
export const beginStage = (base: PlannedBase, name: string, platform: Platform): Stage => {
  if (base.kind === 'stage') {
    const { OnBuild: _, ...config } = base.stage.end.config
    return { ...base.stage.end, config, given: {} }
  }
  const begin = (root: Edge, given: RunConfig): Stage => {
    const config = withPath(given)
    const environment = startEnvironment(config.Env)
    return { root, config: startConfig(config), platform, args: startAssignments(), environment, given: {} }
  }
  if (base.kind === 'scratch') return begin(scratch, { WorkingDir: '/' })
  if (base.kind === 'files') return begin(base.root, { WorkingDir: '/' })
  const { OnBuild: _, ...config } = base.image.config.config ?? {}
  return begin(layersOf(name, base.image.config), config)
}

/** What the base has to be done with every image that is built on it, as it is written there. */
export const triggersOf = (base: PlannedBase): readonly string[] => {
  if (base.kind === 'stage') return allAssigned(base.stage.end.config.OnBuild).map(([, text]) => text)
  return base.kind === 'image' ? (base.image.config.config?.OnBuild ?? []) : []
}

/** Throws invalid, for the FROM. */
export const readTrigger = (text: string, { start, end }: Line): Command => {
  const [parsed] = withoutLine({ start, end }, () => parseDockerfile(text)).lines
  if (parsed === undefined || ['ONBUILD', 'FROM', 'MAINTAINER'].includes(parsed.name)) {
    throw invalid(`${text.split(/\s/, 1)[0]} isn't allowed as an ONBUILD trigger`)
  }
  // What is wrong with it is told of the FROM, where it stands in no line of the file.
  return withoutLine({ start, end }, () => readCommand({ ...parsed, start, end }))
}

/** Notes which image it was, and where it is asked for. */
export const atImage = async <T>(image: string, { start, end }: Line, body: () => Promise<T>): Promise<T> => {
  try {
    return await body()
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error
    throw new SlipwayError(error.code, error.message, {
      cause: error,
      detail: { ...error.detail, image, places: [{ start, end }] },
    })
  }
}

/** Throws invalid for what can be no image's name. */
export const checkReference = (name: string, line: Line): void => {
  try {
    parseReference(name)
  } catch (error) {
    const message = `failed to parse stage name ${JSON.stringify(name)}: ${messageOf(error)}`
    fromLine(line, () => {
      throw invalid(message, error)
    })
  }
}

/** `--platform` of a FROM; without one, that of the build. */
export const platformOf = ({ from }: StageText, { platform, globals }: PlanOptions): Platform => {
  if (from.platform === undefined) return platform
  const typed = from.platform
  return fromLine(from.line, () => {
    const text = expandWord(typed, (name) => globals.get(name))
    if (text === '') {
      const [unset = ''] = namesIn(typed, from.line.escapeChar).filter((name) => !globals.has(name))
      throw invalid(`empty platform value from expression ${typed}${didYouMean(unset, [...globals.keys()])}`)
    }
    return parsePlatform(text)
  })
}
