import { invalid, SlipwayError } from '@slipway/core'
import { expandWord } from './expand.ts'
import type { Line } from './parser.ts'
import { fromLine } from './problem.ts'
import { findSource, findStage, type StageText, sourceOf, stageTitle } from './stages.ts'

/** What stands after FROM, with the global arguments filled in. Throws invalid when nothing is left. */
export const baseName = ({ from }: StageText, globals: ReadonlyMap<string, string>): string =>
  fromLine(from.line, () => {
    const name = expandWord(from.base, (variable) => globals.get(variable), { escape: from.line.escapeChar })
    if (name === '') throw invalid(`base name (${from.base}) should not be blank`)
    return name
  })

type IsElsewhere = (name: string) => boolean

const sourcesIn = ({ commands }: StageText, isElsewhere: IsElsewhere) =>
  commands.flatMap(({ line, sources }) =>
    sources.filter(({ name }) => !isElsewhere(name)).map((source) => ({ source, line })),
  )

interface Need {
  readonly index: number
  /** Where it is written. */
  readonly line: Line
}

/** Throws invalid for the first stage that needs itself, by whatever way. Also for those that nobody needs. */
export const refuseCircles = (stages: readonly StageText[], isElsewhere: IsElsewhere = () => false): void => {
  const needs = stages.map((stage) =>
    sourcesIn(stage, isElsewhere).flatMap(({ source, line }): readonly Need[] => {
      const index = findSource(stages, source)?.index
      return index === undefined ? [] : [{ index, line }]
    }),
  )
  const done = new Set<number>()
  const onPath = new Set<number>()
  /** The lines that lead from the stage back to one on the path. */
  const visit = (index: number): readonly Line[] | undefined => {
    done.add(index)
    onPath.add(index)
    for (const need of needs[index] ?? []) {
      if (onPath.has(need.index)) return [need.line]
      const rest = done.has(need.index) ? undefined : visit(need.index)
      if (rest !== undefined) return [need.line, ...rest]
    }
    onPath.delete(index)
    return undefined
  }
  for (const stage of stages) {
    const [first, ...rest] = (done.has(stage.index) ? undefined : visit(stage.index)) ?? []
    if (first === undefined) continue
    const places = [...rest.reverse(), first].map(({ start, end }) => ({ start, end }))
    const message = `circular dependency detected on stage: ${stageTitle(stage)}`
    throw new SlipwayError('invalid', message, { detail: { places } })
  }
}

/**
 * The stages that `target` needs, itself included, in the order of the file. The others aren't built. What `isElsewhere` isn't a
 * stage, whatever it is called.
 */
export const reachableStages = (
  stages: readonly StageText[],
  target: StageText,
  globals: ReadonlyMap<string, string>,
  isElsewhere: IsElsewhere = () => false,
): readonly StageText[] => {
  const reached = new Set<StageText>()
  const visit = (stage: StageText): void => {
    if (reached.has(stage)) return
    reached.add(stage)
    const name = baseName(stage, globals)
    const base = isElsewhere(name) ? undefined : findStage(stages, name, stage.index)
    const sources = sourcesIn(stage, isElsewhere).map(({ source, line }) =>
      fromLine(line, () => sourceOf(stages, source, stage)),
    )
    for (const needed of [base, ...sources]) if (needed !== undefined) visit(needed)
  }
  visit(target)
  return [...reached].sort((a, b) => a.index - b.index)
}
