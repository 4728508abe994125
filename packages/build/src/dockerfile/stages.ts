import { invalid } from '@slipway/core'
import type { Command, SourceName } from './instruction.ts'
import { type From, parseFrom } from './instructions/from.ts'
import { readCommand } from './instructions/index.ts'
import type { Line } from './parser.ts'
import { fromLine } from './problem.ts'
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
      fromLine(line, () => {
        throw invalid('no build stage in current context')
      })
    }
  }
  if (stages.length === 0) throw invalid('dockerfile contains no stages to build')
  return { globals, stages }
}

const indexPattern = /^[+-]?\d{1,15}$/

const places = new WeakMap<readonly StageText[], ReadonlyMap<string, readonly number[]>>()

/** Where the stages of each name are, in order: a file of a hundred thousand stages is to be read in linear time. */
const placesOf = (stages: readonly StageText[]): ReadonlyMap<string, readonly number[]> => {
  const known = places.get(stages)
  if (known !== undefined) return known
  const found = new Map<string, number[]>()
  for (const { from, index } of stages) {
    if (from.stageName === undefined) continue
    const before = found.get(from.stageName)
    if (before === undefined) found.set(from.stageName, [index])
    else before.push(index)
  }
  places.set(stages, found)
  return found
}

/** The stage that `name`, in small letters, means among those before `before`: the last one wins. */
export const findStage = (stages: readonly StageText[], name: string, before: number): StageText | undefined => {
  const indexes = placesOf(stages).get(name) ?? []
  let [low, high] = [0, indexes.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((indexes[middle] ?? 0) < before) low = middle + 1
    else high = middle
  }
  return stages[indexes[low - 1] ?? -1]
}

/** What BuildKit calls a stage. */
export const stageTitle = ({ from, index }: StageText): string => from.stageName ?? `stage-${index}`

/** The same for `--from`, where a number counts too; wherever in the file it stands. Throws invalid for a wrong number. */
export const findSource = (stages: readonly StageText[], { name, target }: SourceName): StageText | undefined => {
  if (target !== undefined || !indexPattern.test(name)) return findStage(stages, name.toLowerCase(), stages.length)
  const stage = stages[Number(name)]
  if (stage === undefined) throw invalid(`invalid stage index ${Number(name)}`)
  return stage
}

/** The same for an instruction of `stage`. Throws invalid for one that comes later. */
export const sourceOf = (stages: readonly StageText[], source: SourceName, stage: StageText): StageText | undefined => {
  const found = findSource(stages, source)
  if (found === undefined || found.index < stage.index) return found
  const name = JSON.stringify(source.name)
  throw source.target === undefined
    ? invalid(
        `cannot copy from stage ${name}, it needs to be defined before current stage ${JSON.stringify(stageTitle(stage))}`,
      )
    : invalid(
        `cannot mount from stage ${name} to ${JSON.stringify(source.target)}, stage needs to be defined before current command`,
      )
}

/** The stage to build, by name; without one the last. Throws invalid. */
export const targetStage = (stages: readonly StageText[], target: string | undefined): StageText => {
  const last = stages.at(-1)
  const wanted = target === undefined || target === '' ? last : findStage(stages, target.toLowerCase(), stages.length)
  if (wanted !== undefined) return wanted
  const names = stages.map(stageTitle)
  throw invalid(`target stage ${JSON.stringify(target)} could not be found${didYouMean(target ?? '', names)}`)
}
