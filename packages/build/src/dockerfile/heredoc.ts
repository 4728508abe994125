import { expandWord, expandWords } from './expand.ts'

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

const marker = /^(\d*)<<(-?)([^<]*)$/
const raw = { keepQuotes: true, keepEscapes: true, keepUnset: true } as const
const noVariables = (): undefined => undefined

/** `<<EOF`, `<<-"EOF"`, `3<<EOF`: what one word begins; undefined when it begins nothing. */
export const readHeredocStart = (word: string): HeredocStart | undefined => {
  const [, fd, dash, delimiter] = marker.exec(word) ?? []
  if (delimiter === undefined || delimiter === '') return undefined
  const words = expandWords(delimiter, noVariables, raw)
  if (words.length !== 1) return undefined
  const name = expandWord(delimiter, noVariables, { keepUnset: true })
  return { name, expand: name === delimiter, chomp: dash === '-', fd: Number(fd || 0) }
}

/** The heredocs that a line begins, in order. A line that can't be split into words begins none. */
export const findHeredocs = (line: string): readonly HeredocStart[] => {
  if (!line.includes('<<')) return []
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
