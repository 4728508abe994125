import { formatReference, parseReference, withDefaultTag } from '@slipway/core'
import { variablesOf } from './dockerfile/stage.ts'
import type { FileText } from './dockerfile/stages.ts'
import type { Vertex } from './graph/vertex.ts'
import type { PlannedStage, PlannedStep } from './plan.ts'

/** A vertex as BuildKit shows it: `[builder 2/5] RUN make`. */
export interface NamedVertex {
  readonly vertex: Vertex
  readonly name: string
  /** Its first and last line in the Dockerfile, from 1. */
  readonly lines: readonly [first: number, last: number]
}

const counted: ReadonlySet<string> = new Set(['ADD', 'COPY', 'RUN', 'WORKDIR'])

/** Variables that are set, filled in; what is quoted with apostrophes or escaped stays. */
const fillIn = (text: string, { before }: PlannedStep): string => {
  const value = variablesOf(before)
  return text.replace(/\\.|'[^']*'|\$(?:(\w+)|\{(\w+)\})/gs, (found, name?: string, braced?: string) => {
    const variable = name ?? braced
    return (variable === undefined ? undefined : value(variable)) ?? found
  })
}

/** The first line of a script, and whether there is more. */
const summarize = (content: string): string => {
  const [first = '', ...more] = content.trim().split(/\r?\n/)
  return ` (${first}${more.length > 0 ? '...' : ''})`
}

const textOf = (step: PlannedStep): string => {
  const { line } = step
  const [heredoc] = line.heredocs
  const script = line.name === 'RUN' && line.heredocs.length === 1 && heredoc !== undefined
  const rest = line.original.trim().slice(line.typed.length)
  return `${line.name}${fillIn(rest, step)}${script ? summarize(heredoc.content) : ''}`
}

const fullReference = (name: string): string => {
  try {
    return formatReference(withDefaultTag(parseReference(name)))
  } catch {
    return name
  }
}

const nameStage = (stage: PlannedStage, label: string): readonly NamedVertex[] => {
  const { text, base, steps, begin, name } = stage
  const own = steps.slice(stage.triggers)
  const total = own.filter(({ line }) => counted.has(line.name)).length + (base.kind === 'image' ? 1 : 0)
  let index = 0
  const prefix = (): string => {
    index += 1
    return `[${label}${String(index).padStart(String(total).length)}/${total}] `
  }
  const lines = [text.from.line.start, text.from.line.end] as const
  const from =
    base.kind === 'image' ? [{ vertex: begin.root.vertex, name: `${prefix()}FROM ${fullReference(name)}`, lines }] : []
  const named = steps.flatMap((step): readonly NamedVertex[] => {
    if (step.vertex === undefined) return []
    const shown = counted.has(step.line.name) ? `${prefix()}${textOf(step)}` : textOf(step)
    return [{ vertex: step.vertex, name: shown, lines: [step.line.start, step.line.end] }]
  })
  return [...from, ...named]
}

/** What there is to show of the stages that are built. */
export const nameVertices = (stages: readonly PlannedStage[], file: FileText): readonly NamedVertex[] => {
  const isOnly = file.stages.length === 1
  return stages.flatMap((stage) => {
    const label = isOnly ? '' : `${stage.text.from.stageName ?? `stage-${stage.index}`} `
    return nameStage(stage, label)
  })
}
