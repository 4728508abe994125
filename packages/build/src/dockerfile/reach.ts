import { invalid } from '@slipway/core'
import { expandWord } from './expand.ts'
import { fromLine } from './problem.ts'
import { findSource, findStage, type StageText, sourceOf, stageTitle } from './stages.ts'

/** What stands after FROM, with the global arguments filled in. Throws invalid when nothing is left. */
export const baseName = ({ from }: StageText, globals: ReadonlyMap<string, string>): string =>
  fromLine(from.line.start, () => {
    const name = expandWord(from.base, (variable) => globals.get(variable), { escape: from.line.escapeChar })
    if (name === '') throw invalid(`base name (${from.base}) should not be blank`)
    return name
  })

type IsElsewhere = (name: string) => boolean

const sourcesIn = ({ commands }: StageText, isElsewhere: IsElsewhere) =>
  commands.flatMap(({ line, sources }) =>
    sources.filter(({ name }) => !isElsewhere(name)).map((source) => ({ source, line: line.start })),
  )

/** Throws invalid for the first stage that needs itself, by whatever way. Also for those that nobody needs. */
export const refuseCircles = (stages: readonly StageText[], isElsewhere: IsElsewhere = () => false): void => {
  const needed = stages.map((stage) => {
    const sources = sourcesIn(stage, isElsewhere)
    return sources.flatMap(({ source }) => findSource(stages, source)?.index ?? [])
  })
  const done = new Set<number>()
  const onPath = new Set<number>()
  const visit = (index: number): boolean => {
    if (onPath.has(index)) return true
    if (done.has(index)) return false
    onPath.add(index)
    if (needed[index]?.some(visit)) return true
    onPath.delete(index)
    done.add(index)
    return false
  }
  for (const stage of stages) {
    if (visit(stage.index)) throw invalid(`circular dependency detected on stage: ${stageTitle(stage)}`)
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
