/**
 * What `# name what it is about` says right above the line `start` (from 1) of a file; other comments may stand between, an empty
 * one not. undefined: nothing.
 */
export const describedAbove = (lines: readonly string[], start: number, name: string): string | undefined => {
  for (let at = start - 2; at >= 0; at--) {
    const comment = /^\s*#\s*(.*?)\s*$/.exec(lines[at] ?? '')?.[1]
    if (!comment) return undefined
    const [first = '', ...rest] = comment.split(/\s+/)
    if (first.toLowerCase() === name.toLowerCase() && rest.length > 0) return comment.slice(first.length).trim()
  }
  return undefined
}
