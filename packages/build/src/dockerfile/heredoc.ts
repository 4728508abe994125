import { expandWords } from './expand.ts'

export interface Heredoc {
  /** The word that ends it, and the name of the file it becomes in COPY. */
  readonly name: string
  /** As it stands in the file. */
  readonly content: string
  /** The delimiter isn't quoted: variables are filled in where the instruction does so. */
  readonly expand: boolean
  /** `<<-`: leading tabs go. */
  readonly chomp: boolean
  readonly fd: number
}

export type HeredocStart = Omit<Heredoc, 'content'>

const marker = /^(\d*)<<(-?)\s*([^<]*)$/
const noVariables = (): undefined => undefined
const quotesIn = (text: string): number => text.match(/["']/g)?.length ?? 0

/** Throws invalid for quotes that don't end. */
const readMarker = (word: string): HeredocStart | undefined => {
  const [, fd, dash, delimiter = ''] = marker.exec(word) ?? []
  const [name, ...more] = expandWords(delimiter, noVariables, { keepUnset: true })
  if (name === undefined || more.length > 0) return undefined
  const [quoted = ''] = expandWords(delimiter, noVariables, { keepUnset: true, keepQuotes: true })
  return { name, expand: quotesIn(quoted) === quotesIn(name), chomp: dash === '-', fd: Number(fd || 0) }
}

/** `<<EOF`, `<<-"EOF"`, `3<<EOF`: what one word begins; undefined when it begins nothing. */
export const readHeredocStart = (word: string): HeredocStart | undefined => {
  try {
    return readMarker(word)
  } catch {
    return undefined
  }
}

/** The heredocs that a line begins, in order. A line that can't be split into words begins none. */
export const findHeredocs = (line: string): readonly HeredocStart[] => {
  if (!line.includes('<<')) return []
  const raw = { keepQuotes: true, keepEscapes: true, keepUnset: true, keepMarkers: true } as const
  try {
    return expandWords(line, noVariables, raw)
      .map(readHeredocStart)
      .filter((start) => start !== undefined)
  } catch {
    return []
  }
}

/** What it means: with `<<-` the leading tabs of every line are gone. */
export const heredocText = ({ content, chomp }: Heredoc): string => (chomp ? content.replace(/^\t+/gm, '') : content)
