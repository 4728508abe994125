import type { RunConfig } from '@slipway/core'
import { localSource, scratch } from '../../ops/source.ts'
import { startAssignments } from '../assignments.ts'
import type { Notice } from '../check/rules.ts'
import { startConfig, startEnvironment } from '../config.ts'
import type { Command } from '../instruction.ts'
import type { Outcome, Setting, Stage } from '../stage.ts'

export const testSetting: Setting = {
  buildArgs: { GIVEN: 'from outside', NOTHING: null, http_proxy: 'http://proxy' },
  globalArgs: new Map([['GLOBAL', 'wide']]),
  context: localSource({ kind: 'directory', path: '/nowhere' }, []),
  sourceOf: () => scratch,
  networkMode: 'default',
  extraHosts: [],
  resources: {},
}

export interface Applying {
  readonly config?: RunConfig
  readonly setting?: Setting
  /** Told of each command what the checks find. */
  readonly noticeOf?: (command: Command) => Notice
}

/** Applies commands to an empty stage, one after the other. */
export const applyCommands = (
  commands: readonly Command[],
  { config = {}, setting = testSetting, noticeOf }: Applying = {},
): readonly Outcome[] => {
  const environment = startEnvironment(config.Env)
  const platform = { os: 'linux', architecture: 'amd64' }
  let stage: Stage = {
    root: scratch,
    config: startConfig(config),
    platform,
    args: startAssignments(),
    environment,
    given: {},
  }
  return commands.map((command) => {
    const outcome = command.apply(noticeOf === undefined ? stage : { ...stage, notice: noticeOf(command) }, setting)
    stage = outcome.stage
    return outcome
  })
}
