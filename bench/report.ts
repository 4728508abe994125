import { type Benchmark, type Measurement, summarize } from './measure.ts'

const digits = (figure: number): string => (figure < 10 ? figure.toFixed(1) : figure.toFixed(0))

const cell = (samples: readonly number[] | undefined): string => {
  if (samples === undefined) return ''
  const { median, minimum, maximum } = summarize(samples)
  return `**${digits(median)}** (${digits(minimum)}–${digits(maximum)})`
}

/** Our median in parts of theirs: below 1 we need less. */
const ratio = (ours: readonly number[] | undefined, theirs: readonly number[] | undefined): string =>
  ours === undefined || theirs === undefined ? '' : (summarize(ours).median / summarize(theirs).median).toFixed(2)

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/** A table in Markdown: medians with minimum and maximum, and our ratio to each peer. */
export const formatTable = (measurements: readonly Measurement[]): string => {
  const names = [...new Set(measurements.flatMap(({ samples }) => [...samples.keys()]))]
  const peers = names.includes('slipway') ? names.filter((name) => name !== 'slipway') : []
  const head = ['', ...names, ...peers.map((name) => `to ${name}`)]
  const rows = measurements.map(({ metric, unit, samples }) =>
    row([
      `${metric}, ${unit}`,
      ...names.map((name) => cell(samples.get(name))),
      ...peers.map((name) => ratio(samples.get('slipway'), samples.get(name))),
    ]),
  )
  return [row(head), row(head.map((_, place) => (place === 0 ? '---' : '---:'))), ...rows].join('\n')
}

export interface Conditions {
  /** `2026-11-23` */
  readonly date: string
  readonly rounds: number
  /** The part of the processors' time that others used just before, 0 to 1. */
  readonly use: number
  readonly busy: boolean
  readonly machine: string
  /** `slipway 0.1.0 (runc 1.1.5)` */
  readonly versions: readonly string[]
}

/** A benchmark's section of RESULTS.md. */
export const formatSection = (
  { name, about }: Pick<Benchmark, 'name' | 'about'>,
  conditions: Conditions,
  measurements: readonly Measurement[],
): string => {
  const { date, rounds, use, busy, machine, versions } = conditions
  const state = `${Math.round(use * 100)} % of the processors used by others before${busy ? ': **a busy machine, to be measured again**' : ''}`
  const facts = `${date}, ${rounds} rounds, ${state}. ${machine}. ${versions.join('; ')}.`
  return `## ${name}\n\n${about}.\n\n${formatTable(measurements)}\n\n${facts}\n`
}

/** Puts a section in the place of the one with the same heading, or after the others. */
export const replaceSection = (document: string, section: string): string => {
  const heading = section.split('\n', 1)[0] ?? ''
  const [head = '', ...sections] = document.split(/^(?=## )/m)
  const others = sections.map((text) => (text.startsWith(`${heading}\n`) ? section : `${text.trimEnd()}\n`))
  const known = others.includes(section)
  return [`${head.trimEnd()}\n`, ...others, ...(known ? [] : [section])].join('\n')
}
