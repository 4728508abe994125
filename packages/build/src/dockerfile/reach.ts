import { invalid } from '@slipway/core'
import { expandWord } from './expand.ts'
import { atLine } from './problem.ts'
import { findSource, findStage, type StageText } from './stages.ts'

/** What stands after FROM, with the global arguments filled in. Throws invalid when nothing is left. */
export const baseName = ({ from }: StageText, globals: ReadonlyMap<string, string>): string =>
  atLine(from.line.start, () => {
    const name = expandWord(from.base, (variable) => globals.get(variable), { escape: from.line.escapeChar })
    if (name === '') throw invalid(`base name (${from.base}) should not be blank`)
    return name
  })

/**
 * The stages that `target` needs, itself included, in the order of the file. The others aren't built. What `isElsewhere` isn't a
 * stage, whatever it is called.
 */
export const reachableStages = (
  stages: readonly StageText[],
  target: StageText,
  globals: ReadonlyMap<string, string>,
  isElsewhere: (name: string) => boolean = () => false,
): readonly StageText[] => {
  const reached = new Set<StageText>()
  const visit = (stage: StageText): void => {
    if (reached.has(stage)) return
    reached.add(stage)
    const name = baseName(stage, globals)
    const base = isElsewhere(name) ? undefined : findStage(stages, name, stage.index)
    const sources = stage.commands.flatMap(({ line, sources: names }) =>
      names
        .filter((source) => !isElsewhere(source))
        .map((source) => atLine(line.start, () => findSource(stages, source, stage.index))),
    )
    for (const needed of [base, ...sources]) if (needed !== undefined) visit(needed)
  }
  visit(target)
  return [...reached].sort((a, b) => a.index - b.index)
}
