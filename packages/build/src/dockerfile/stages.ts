import { invalid } from '@slipway/core'
import type { Command } from './instruction.ts'
import { type From, parseFrom } from './instructions/from.ts'
import { readCommand } from './instructions/index.ts'
import type { Line } from './parser.ts'
import { parseProblem } from './problem.ts'
import { didYouMean } from './suggest.ts'

/** A stage as it is written. */
export interface StageText {
  readonly index: number
  readonly from: From
  readonly commands: readonly Command[]
}

export interface FileText {
  /** The ARG lines before the first FROM. */
  readonly globals: readonly Line[]
  readonly stages: readonly StageText[]
}

/** Sorts the instructions of a file into stages, and reads each of them. Throws invalid with the line in the message. */
export const readStages = (lines: readonly Line[]): FileText => {
  const globals: Line[] = []
  const stages: { index: number; from: From; commands: Command[] }[] = []
  for (const line of lines) {
    const stage = stages.at(-1)
    if (line.name === 'FROM') stages.push({ index: stages.length, from: parseFrom(line), commands: [] })
    else if (stage !== undefined) stage.commands.push(readCommand(line))
    else if (line.name === 'ARG') globals.push(line)
    else {
      readCommand(line)
      throw parseProblem(line.start, 'no build stage in current context')
    }
  }
  if (stages.length === 0) throw invalid('dockerfile contains no stages to build')
  return { globals, stages }
}

const indexPattern = /^\d{1,6}$/

/** The stage that `name` means, among those before `before`: by name, the last one wins, or by number. */
export const findStage = (stages: readonly StageText[], name: string, before: number): StageText | undefined => {
  const earlier = stages.slice(0, before)
  const lower = name.toLowerCase()
  return earlier.findLast((stage) => stage.from.stageName === lower)
}

/** The same for `--from`, where a number counts too. Throws invalid for a stage that comes later. */
export const findSource = (stages: readonly StageText[], name: string, before: number): StageText | undefined => {
  if (indexPattern.test(name)) {
    const stage = stages[Number(name)]
    if (stage === undefined || stage.index >= before) {
      throw invalid(`invalid from flag value ${name}: invalid stage index ${name}`)
    }
    return stage
  }
  const found = findStage(stages, name, before)
  if (found === undefined && findStage(stages, name, stages.length) !== undefined) {
    throw invalid(`cannot copy from stage ${JSON.stringify(name)}, it needs to be defined before current stage`)
  }
  return found
}

/** The stage to build: by name or number; without one the last. Throws invalid. */
export const targetStage = (stages: readonly StageText[], target: string | undefined): StageText => {
  const last = stages.at(-1)
  const wanted = target === undefined || target === '' ? last : findTarget(stages, target)
  if (wanted !== undefined) return wanted
  const names = stages.flatMap(({ from }) => from.stageName ?? [])
  throw invalid(`target stage ${JSON.stringify(target)} could not be found${didYouMean(target ?? '', names)}`)
}

const findTarget = (stages: readonly StageText[], target: string): StageText | undefined =>
  findStage(stages, target, stages.length) ?? (indexPattern.test(target) ? stages[Number(target)] : undefined)
