import { assign } from './assignments.ts'
import type { Command } from './instruction.ts'
import { withConfig } from './stage.ts'
import type { FileText, StageText } from './stages.ts'

const lastLineOf = ({ globals, stages }: FileText): number =>
  Math.max(
    0,
    ...[...globals, ...stages.flatMap(({ commands, from }) => [from, ...commands].map(({ line }) => line))].map(
      ({ end }) => end,
    ),
  )

const labelCommand = (key: string, value: string, number: number): Command => {
  const text = `${key}=${value}`
  const original = `LABEL ${text}`
  const line = { name: 'LABEL', typed: 'LABEL', flags: [], text, heredocs: [], original, start: number, end: number }
  return {
    line: { ...line, escapeChar: '\\' },
    sources: [],
    // What was asked for with --label is taken as it is: nothing is expanded.
    apply: (stage) => ({
      stage: withConfig(stage, { Labels: assign(stage.config.Labels, [[key, value]]) }),
      createdBy: original,
    }),
  }
}

/** The classic builder's way with the labels of a request: a step each, after the last one of what is built, in order. */
export const withLabelSteps = (
  file: FileText,
  target: StageText,
  labels: Readonly<Record<string, string>>,
): { readonly file: FileText; readonly target: StageText } => {
  const first = lastLineOf(file) + 1
  const steps = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value], index) => labelCommand(key, value, first + index))
  const longer = { ...target, commands: [...target.commands, ...steps] }
  return { file: { ...file, stages: file.stages.with(target.index, longer) }, target: longer }
}
