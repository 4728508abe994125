import { fullName } from '@slipway/core'
import { expandWord, type Variables } from './dockerfile/expand.ts'
import { readHeredocStart } from './dockerfile/heredoc.ts'
import type { Command } from './dockerfile/instruction.ts'
import { mountTextsOf } from './dockerfile/instructions/run-mounts.ts'
import type { Place } from './dockerfile/problem.ts'
import { variablesOf } from './dockerfile/stage.ts'
import { type FileText, stageTitle } from './dockerfile/stages.ts'
import type { Vertex } from './graph/vertex.ts'
import type { PlannedStage, PlannedStep } from './plan.ts'

/** A vertex as BuildKit shows it: `[builder 2/5] RUN make`. */
export interface NamedVertex {
  readonly vertex: Vertex
  readonly name: string
  readonly place: Place
}

const counted: ReadonlySet<string> = new Set(['ADD', 'COPY', 'RUN', 'WORKDIR'])

/** Those of the step; what comes from a secret isn't known, and told to be one. */
const shownVariables = ({ line, before }: PlannedStep): Variables => {
  const value = variablesOf(before)
  const hidden = new Set(mountTextsOf(line, before).flatMap(({ type, env }) => (type === 'secret' ? (env ?? []) : [])))
  return (name) => (hidden.has(name) ? '****' : value(name))
}

/** Variables filled in; in a RUN, where the shell does so, quotes stay and so do names that mean nothing here. */
const fillIn = (text: string, step: PlannedStep): string => {
  const isRun = step.line.name === 'RUN'
  try {
    const options = { escape: step.line.escapeChar, keepQuotes: isRun, keepUnset: isRun }
    return expandWord(text, shownVariables(step), options)
  } catch {
    return text
  }
}

/** The first line of a script, and whether there is more. */
const summarize = (content: string): string => {
  const [first = '', ...more] = content.trim().split(/\r?\n/)
  return ` (${first}${more.length > 0 ? '...' : ''})`
}

const textOf = (step: PlannedStep): string => {
  const { line } = step
  const [heredoc] = line.heredocs
  const isScript = line.name === 'RUN' && heredoc !== undefined && readHeredocStart(line.text) !== undefined
  const filled = fillIn(`${line.original}${isScript ? summarize(heredoc.content) : ''}`, step)
  return `${line.name}${filled.slice(line.typed.length)}`
}

/** As it stands in the Dockerfile, or where it really came from. */
const baseShown = ({ base, name }: PlannedStage): string =>
  base.kind === 'image' && base.reference !== undefined ? fullName(base.reference) : name

const nameStage = (stage: PlannedStage, label: string): readonly NamedVertex[] => {
  const { text, base, steps, begin, triggers } = stage
  const own = steps.slice(triggers)
  const ownTotal = own.filter(({ line }) => counted.has(line.name)).length + (base.kind === 'image' ? 1 : 0)
  // All triggers count, whatever they do.
  const total = ownTotal + triggers
  let index = 0
  const prefix = (of: number): string => {
    index += 1
    return `[${label}${String(index).padStart(String(of).length)}/${of}] `
  }
  const { start, end } = text.from.line
  const from = { vertex: begin.root.vertex, place: { start, end } }
  const shownFrom = base.kind === 'image' ? [{ ...from, name: `${prefix(ownTotal)}FROM ${baseShown(stage)}` }] : []
  const named = steps.flatMap((step, at): readonly NamedVertex[] => {
    const { vertex, line } = step
    if (vertex === undefined) return []
    const trigger = at < triggers ? 'ONBUILD ' : ''
    const shown = counted.has(line.name) ? `${prefix(total)}${trigger}${textOf(step)}` : textOf(step)
    return [{ vertex, name: shown, place: { start: line.start, end: line.end } }]
  })
  return [...shownFrom, ...named]
}

/** It reads something besides its own stage; for BuildKit any mount does. */
const readsOthers = ({ line, sources }: Command): boolean =>
  sources.length > 0 || line.flags.some((flag) => flag.startsWith('--mount='))

/** What there is to show of the stages that are built. A stage is named unless it is all alone. */
export const nameVertices = (stages: readonly PlannedStage[], file: FileText): readonly NamedVertex[] => {
  const isAlone = file.stages.length === 1 && !file.stages.some(({ commands }) => commands.some(readsOthers))
  return stages.flatMap((stage) => nameStage(stage, isAlone ? '' : `${stageTitle(stage.text)} `))
}
