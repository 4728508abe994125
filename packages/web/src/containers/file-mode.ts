/** The bits of Go's os.FileMode that a mode's first letter comes from. */
const kinds: readonly (readonly [bit: number, letter: string])[] = [
  [31, 'd'],
  [27, 'l'],
  [25, 'p'],
  [24, 's'],
  [21, 'c'],
  [26, 'b'],
]

const has = (mode: number, bit: number): boolean => Math.floor(mode / 2 ** bit) % 2 === 1

export type FileKind = 'directory' | 'link' | 'file' | 'other'

export const kindOf = (mode: number): FileKind => {
  if (has(mode, 31)) return 'directory'
  if (has(mode, 27)) return 'link'
  return kinds.some(([bit]) => has(mode, bit)) ? 'other' : 'file'
}

/** `drwxr-xr-x` of a mode as Go writes it; setuid, setgid and sticky as ls(1) shows them. */
export const modeText = (mode: number): string => {
  const letters = [8, 7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (has(mode, bit) ? 'rwx'[(8 - bit) % 3] : '-'))
  const specials = [
    [23, 2, 's'],
    [22, 5, 's'],
    [20, 8, 't'],
  ] as const
  for (const [bit, place, letter] of specials) {
    if (has(mode, bit)) letters[place] = letters[place] === 'x' ? letter : letter.toUpperCase()
  }
  return (kinds.find(([bit]) => has(mode, bit))?.[1] ?? '-') + letters.join('')
}
