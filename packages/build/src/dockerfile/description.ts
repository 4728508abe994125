import { trimLeft, trimSpace } from './words.ts'

/**
 * The comments above the line `start` (from 1) of a file, down to it; empty lines may stand between. An empty comment ends what
 * stands above it.
 */
export const commentsAbove = (lines: readonly string[], start: number): readonly string[] => {
  const comments: string[] = []
  for (let at = start - 2; at >= 0; at--) {
    const line = trimSpace(lines[at] ?? '')
    if (line === '') continue
    if (!line.startsWith('#')) break
    // As BuildKit has it: the mark is taken to be in the first column.
    const comment = trimSpace((lines[at] ?? '').slice(1))
    if (comment === '') break
    comments.push(comment)
  }
  return comments.reverse()
}

/** What `# name what it is about` says above the line `start` of a file; undefined: nothing. */
export const describedAbove = (lines: readonly string[], start: number, name: string): string | undefined => {
  const comment = commentsAbove(lines, start).find((each) => each.startsWith(`${name} `))
  return comment === undefined ? undefined : trimLeft(comment.slice(name.length)) || undefined
}
