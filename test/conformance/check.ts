import type { Candidate } from './candidate.ts'

/** How much the specification wants it (RFC 2119). `docker`: not in it, but the clients in the field count on it. */
export type Level = 'must' | 'should' | 'may' | 'docker'

/** One sentence of the specification, and how to see whether a registry keeps to it. */
export interface Check {
  readonly level: Level
  /** What a registry does that keeps to it. */
  readonly sentence: string
  /** Throws when it doesn't; throws `Absent` when the registry doesn't offer what the sentence is about. */
  readonly run: (registry: Candidate) => Promise<void>
}

/** A heading of the specification. */
export interface Section {
  readonly title: string
  readonly checks: readonly Check[]
}

/** What may be left out was left out: neither right nor wrong. */
export class Absent extends Error {}

type Run = Check['run']
type Sentences = Readonly<Record<string, Run>>

/** The sentences of a heading, by how much they are wanted. */
export const section = (title: string, wanted: Readonly<Partial<Record<Level, Sentences>>>): Section => ({
  title,
  checks: (['must', 'should', 'may', 'docker'] as const).flatMap((level) =>
    Object.entries(wanted[level] ?? {}).map(([sentence, run]) => ({ level, sentence, run })),
  ),
})
