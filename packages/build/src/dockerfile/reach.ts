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
  /** The lines that lead from the stage back to one on the way. No recursion: a file may have ten thousand stages in a row. */
  const circleFrom = (start: number): readonly Line[] => {
    /** The stages on the way, with the need of each that is looked at, by their indexes. */
    const path = new Map<number, number>()
    const way = done.has(start) ? [] : [start]
    for (let index = way.at(-1); index !== undefined; index = way.at(-1)) {
      done.add(index)
      const at = (path.get(index) ?? -1) + 1
      path.set(index, at)
      const need = needs[index]?.[at]
      if (need === undefined) {
        path.delete(index)
        way.pop()
      } else if (path.has(need.index)) {
        return way.flatMap((each) => needs[each]?.[path.get(each) ?? 0]?.line ?? [])
      } else if (!done.has(need.index)) way.push(need.index)
    }
    return []
  }
  for (const stage of stages) {
    const [first, ...rest] = circleFrom(stage.index)
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
  const todo = [target]
  for (let stage = todo.pop(); stage !== undefined; stage = todo.pop()) {
    if (reached.has(stage)) continue
    reached.add(stage)
    const name = baseName(stage, globals)
    const base = isElsewhere(name) ? undefined : findStage(stages, name, stage.index)
    const reader = stage
    const sources = sourcesIn(stage, isElsewhere).map(({ source, line }) =>
      fromLine(line, () => sourceOf(stages, source, reader)),
    )
    todo.push(...[base, ...sources].filter((needed) => needed !== undefined).reverse())
  }
  return [...reached].sort((a, b) => a.index - b.index)
}
