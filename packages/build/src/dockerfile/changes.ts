import { hostPlatform, invalid, type RunConfig } from '@slipway/core'
import { scratch } from '../ops/source.ts'
import { startAssignments } from './assignments.ts'
import { startConfig, startEnvironment, wholeConfig } from './config.ts'
import { readCommand } from './instructions/index.ts'
import { parseDockerfile } from './parser.ts'
import type { Setting, Stage } from './stage.ts'

/** The instructions that `commit --change` and `import --change` take: those that touch the config alone. */
const allowed: ReadonlySet<string> = new Set([
  'CMD',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'HEALTHCHECK',
  'LABEL',
  'ONBUILD',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
])

const setting: Setting = {
  buildArgs: {},
  globalArgs: new Map(),
  context: scratch,
  sourceOf: (name) => {
    throw invalid(`there is no stage ${name} here`)
  },
  networkMode: 'none',
  extraHosts: [],
  resources: {},
}

/** The config after these Dockerfile instructions. Throws invalid in docker's words for one that can't stand here. */
export const applyChanges = (config: RunConfig, changes: readonly string[]): RunConfig => {
  const text = changes.filter((change) => change.trim() !== '').join('\n')
  if (text === '') return config
  let stage: Stage = {
    root: scratch,
    config: startConfig(config),
    platform: hostPlatform(),
    args: startAssignments(),
    environment: startEnvironment(config.Env),
    given: {},
  }
  for (const line of parseDockerfile(text).lines) {
    if (!allowed.has(line.name)) throw invalid(`${line.name} is not a valid change command`)
    stage = readCommand(line).apply(stage, setting).stage
  }
  return wholeConfig(stage.config)
}
