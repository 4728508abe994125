import type { RunConfig } from '@slipway/core'
import { type Assignments, allAssigned, assignedSince, startAssignments } from './assignments.ts'

type Nothing = Record<string, never>

/** The parts of a config to which instructions add; the others each instruction replaces. An image's may be null. */
interface Growing {
  /** `NAME=value`, by their names. */
  readonly Env?: Assignments<string> | null
  readonly Labels?: Assignments<string> | null
  readonly ExposedPorts?: Assignments<Nothing> | null
  readonly Volumes?: Assignments<Nothing> | null
  /** By their numbers, from 0. No stage goes on with another's. */
  readonly OnBuild?: Assignments<string> | null
}

/** The config of a stage on its way: what grows is shared with the states before. Its properties come in the config's order. */
export type StageConfig = Omit<RunConfig, keyof Growing> & Growing

const nameOf = (entry: string): string => entry.slice(0, Math.max(0, entry.indexOf('=')))

/** Variables from a list of `NAME=value`. */
export const startEnvironment = (list: readonly string[] = []): Assignments<string> =>
  startAssignments(list.map((entry) => [nameOf(entry), entry]))

export const environmentList = (environment: Assignments<string> | undefined): readonly string[] =>
  allAssigned(environment).map(([, entry]) => entry)

const start = <Value>(record: Readonly<Record<string, Value>>): Assignments<Value> =>
  startAssignments(Object.entries(record))

export const startConfig = (config: RunConfig): StageConfig => {
  const { Env, Labels, ExposedPorts, Volumes, OnBuild } = config
  const parts: Growing = {
    ...(Env ? { Env: startEnvironment(Env) } : {}),
    ...(Labels ? { Labels: start(Labels) } : {}),
    ...(ExposedPorts ? { ExposedPorts: start(ExposedPorts) } : {}),
    ...(Volumes ? { Volumes: start(Volumes) } : {}),
    ...(OnBuild ? { OnBuild: startAssignments(OnBuild.map((text, at) => [`${at}`, text])) } : {}),
  }
  // Those that are null stay so.
  return { ...(config as unknown as StageConfig), ...parts }
}

const record = <Value>(of: Assignments<Value>): Readonly<Record<string, Value>> => Object.fromEntries(allAssigned(of))

/** The whole config, written out. Takes as long as it is large: not for every step of a long file. */
export const wholeConfig = (config: StageConfig): RunConfig => {
  const { Env, Labels, ExposedPorts, Volumes, OnBuild } = config
  return {
    ...(config as unknown as RunConfig),
    ...(Env ? { Env: environmentList(Env) } : {}),
    ...(Labels ? { Labels: record(Labels) } : {}),
    ...(ExposedPorts ? { ExposedPorts: record(ExposedPorts) } : {}),
    ...(Volumes ? { Volumes: record(Volumes) } : {}),
    ...(OnBuild ? { OnBuild: allAssigned(OnBuild).map(([, text]) => text) } : {}),
  }
}

/** What names a config beside the one that came before it. */
export const configChange = (before: StageConfig, after: StageConfig): unknown => {
  const { Env, Labels, ExposedPorts, Volumes, OnBuild, ...rest } = after
  return [
    rest,
    assignedSince(before.Env, Env),
    assignedSince(before.Labels, Labels),
    assignedSince(before.ExposedPorts, ExposedPorts),
    assignedSince(before.Volumes, Volumes),
    assignedSince(before.OnBuild, OnBuild),
  ]
}
