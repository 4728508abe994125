import type { PlannedBuild } from './build.ts'
import { assignedTo } from './dockerfile/assignments.ts'
import { describedAbove } from './dockerfile/description.ts'
import { namesIn } from './dockerfile/expand.ts'
import { parseArguments } from './dockerfile/instructions/arg.ts'
import { mountTextsOf } from './dockerfile/instructions/run-mounts.ts'
import type { Line } from './dockerfile/parser.ts'
import type { Stage } from './dockerfile/stage.ts'
import { sourceOf } from './dockerfile/stages.ts'
import type { PlannedStage } from './plan.ts'

/** The lines of an instruction, from 1. */
export type LineRange = readonly [first: number, last: number]

export interface OutlinedArgument {
  readonly name: string
  readonly description?: string
  readonly value?: string
  readonly lines: LineRange
}

export interface OutlinedNeed {
  readonly name: string
  readonly required: boolean
  readonly lines: LineRange
}

/** What a build takes from outside. */
export interface Outline {
  readonly name?: string
  readonly description?: string
  readonly args: readonly OutlinedArgument[]
  readonly secrets: readonly OutlinedNeed[]
  readonly agents: readonly OutlinedNeed[]
}

type Plan = Pick<PlannedBuild, 'stages' | 'target' | 'file'>

const linesOf = ({ start, end }: Line): LineRange => [start, end]

/** The target, what it stands on, and what it reads. */
const neededBy = ({ stages, target, file }: Plan): ReadonlySet<PlannedStage> => {
  const byIndex = new Map(stages.map((stage) => [stage.index, stage]))
  const needed = new Set<PlannedStage>()
  const visit = (stage: PlannedStage): void => {
    if (needed.has(stage)) return
    needed.add(stage)
    if (stage.base.kind === 'stage') visit(stage.base.stage)
    const sources = stage.text.commands.flatMap((command) => command.sources)
    for (const source of sources) {
      const found = byIndex.get(sourceOf(file.stages, source, stage.text)?.index ?? -1)
      if (found !== undefined) visit(found)
    }
  }
  visit(target)
  return needed
}

const valueIn = ({ args }: Stage, name: string): string | undefined => assignedTo(args, name)?.[1]

interface Global {
  readonly line: Line
  readonly value: string | undefined
  /** Other arguments that its default names. */
  readonly uses: readonly string[]
}

const globalsOf = ({ file }: Plan, values: ReadonlyMap<string, string>): ReadonlyMap<string, Global> =>
  new Map(
    file.globals.flatMap((line) =>
      parseArguments(line).map(({ name, value }) => [
        name,
        { line, value: values.get(name), uses: value === undefined ? [] : namesIn(value, line.escapeChar) },
      ]),
    ),
  )

/** The arguments of a stage that have a value of their own there; the others are the file's. */
const ownArguments = (stage: PlannedStage, isGiven: (name: string) => boolean) =>
  stage.steps.flatMap(({ line, stage: after }) =>
    line.name !== 'ARG'
      ? []
      : parseArguments(line).map(({ name, value }) => ({
          name,
          line,
          isOwn: value !== undefined || isGiven(name),
          value: valueIn(after, name),
        })),
  )

const needsIn = (stages: readonly PlannedStage[], type: 'secret' | 'ssh'): readonly OutlinedNeed[] => {
  const found = stages.flatMap((stage) =>
    stage.steps.flatMap((step) =>
      mountTextsOf(step.line, step.before)
        .filter((mount) => mount.type === type)
        .map(({ id, source, target, required }): OutlinedNeed => {
          const name = id || source || (type === 'ssh' ? 'default' : (target?.split('/').at(-1) ?? ''))
          return { name, required, lines: linesOf(step.line) }
        }),
    ),
  )
  return inOrder([...new Map(found.map((need) => [need.name, need])).values()])
}

const inOrder = <T extends { readonly lines: LineRange }>(list: readonly T[]): readonly T[] =>
  [...list].sort((a, b) => a.lines[0] - b.lines[0])

export interface OutlineOptions {
  /** The Dockerfile. */
  readonly text: string
  readonly buildArgs: Readonly<Record<string, string | null>>
  /** The values of the ARGs before the first FROM, and of those that are predefined. */
  readonly globals: ReadonlyMap<string, string>
}

/** What a build of the target takes: arguments, secrets and agents, each where the file first has it. */
export const outlineOf = (plan: Plan, { text, buildArgs, globals: values }: OutlineOptions): Outline => {
  const lines = text.split('\n')
  const needed = [...neededBy(plan)]
  const globals = globalsOf(plan, values)
  const used = new Map<string, OutlinedArgument>()
  const add = (name: string, line: Line, value: string | undefined): void => {
    const description = describedAbove(lines, line.start, name)
    used.set(name, {
      name,
      ...(description === undefined ? {} : { description }),
      ...(value === undefined ? {} : { value }),
      lines: linesOf(line),
    })
  }
  const useGlobal = (name: string): void => {
    const found = globals.get(name)
    if (found === undefined || used.has(name)) return
    add(name, found.line, found.value)
    found.uses.forEach(useGlobal)
  }
  for (const stage of needed) {
    const { base, platform = '', line } = stage.text.from
    for (const argument of ownArguments(stage, (name) => typeof buildArgs[name] === 'string')) {
      if (argument.isOwn) add(argument.name, argument.line, argument.value)
      else useGlobal(argument.name)
    }
    for (const name of namesIn(`${base} ${platform}`, line.escapeChar)) useGlobal(name)
  }
  const { stageName, line } = plan.target.text.from
  const description = stageName === undefined ? undefined : describedAbove(lines, line.start, stageName)
  return {
    ...(stageName === undefined ? {} : { name: stageName }),
    ...(description === undefined ? {} : { description }),
    args: inOrder([...used.values()]),
    secrets: needsIn(needed, 'secret'),
    agents: needsIn(needed, 'ssh'),
  }
}
