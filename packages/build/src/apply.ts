import type { Notice } from './dockerfile/check/rules.ts'
import type { Command } from './dockerfile/instruction.ts'
import type { Line } from './dockerfile/parser.ts'
import type { Setting, Stage } from './dockerfile/stage.ts'
import type { PlannedStep, PlanOptions } from './plan.ts'

/** Findings in one stage, an instruction's last ones aside: whoever has more has seen enough. */
const mostNoticed = 200

const told = ({ notice: _, ...stage }: Stage, notice: Notice | undefined): Stage =>
  notice === undefined ? stage : { ...stage, notice }

interface Applying {
  readonly setting: Setting
  readonly onFinding: PlanOptions['onFinding']
  /** Throws invalid when it is too much. */
  readonly onWritten: (line: Line, letters: number) => void
}

/** Applies the instructions of a stage one after the other: what each comes to, and what has to be done for it. */
export const applyAll = (
  commands: readonly { readonly command: Command; readonly number: number }[],
  begin: Stage,
  { setting, onFinding, onWritten }: Applying,
): readonly PlannedStep[] => {
  let stage = begin
  let noticed = 0
  return commands.map(({ command, number }) => {
    const { start, end } = command.line
    const notice: Notice = (rule, text, place = { start, end }) => {
      noticed += 1
      onFinding({ rule, text, line: place.start, end: place.end })
    }
    const outcome = command.apply(told(stage, noticed < mostNoticed ? notice : undefined), setting)
    if (command.line.name !== 'RUN') onWritten(command.line, outcome.createdBy?.length ?? 0)
    const before = stage
    const isNew = outcome.stage.root !== before.root
    stage = outcome.stage
    return {
      number,
      line: command.line,
      before,
      stage: outcome.stage,
      // The history of a RUN names every ARG before it.
      get createdBy() {
        return outcome.createdBy
      },
      ...(isNew ? { vertex: stage.root.vertex } : {}),
    }
  })
}
