import { invalid } from '@slipway/core'

/** What a file's permissions become. */
export type ModeChange = (mode: number, isDirectory: boolean) => number

const clause = /^([ugoa]*)((?:[-+=](?:[ugo]|[rwxXst]*))+)$/
const operation = /([-+=])([ugo]|[rwxXst]*)/g
const shifts = { u: 6, g: 3, o: 0 } as const
const bits: Readonly<Record<string, number>> = { r: 4, w: 2, x: 1 }

/** What begins like a number is told to be a wrong one. */
const fail = (text: string): never => {
  if (!/^\d/.test(text)) throw invalid('invalid syntax')
  throw invalid(`invalid chmod parameter: '${text}'. it should be octal string and between 0 and 07777`)
}

/** The three bits that a right-hand side means for everyone. */
const permissionOf = (letters: string, mode: number, isDirectory: boolean): number => {
  const copied = shifts[letters as keyof typeof shifts]
  if (copied !== undefined) return (mode >> copied) & 7
  const conditional = letters.includes('X') && (isDirectory || (mode & 0o111) !== 0) ? 1 : 0
  return [...letters].reduce((sum, letter) => sum | (bits[letter] ?? 0), conditional)
}

const specialOf = (letters: string, who: string): number => {
  if (letters.length === 1 && 'ugo'.includes(letters)) return 0
  const setid = letters.includes('s') ? (who.includes('u') ? 0o4000 : 0) | (who.includes('g') ? 0o2000 : 0) : 0
  return setid | (letters.includes('t') ? 0o1000 : 0)
}

const applyClause = (text: string, whole: string): ModeChange => {
  const [, typed = '', operations] = clause.exec(text) ?? fail(whole)
  const who = typed === '' || typed.includes('a') ? 'ugo' : typed
  return (before, isDirectory) => {
    let mode = before
    for (const [, operator = '', letters = ''] of (operations ?? '').matchAll(operation)) {
      const permission = permissionOf(letters, mode, isDirectory)
      const classes = Object.entries(shifts).filter(([name]) => who.includes(name))
      const set = classes.reduce((sum, [, shift]) => sum | (permission << shift), specialOf(letters, who))
      const setid = (who.includes('u') ? 0o4000 : 0) | (who.includes('g') ? 0o2000 : 0)
      const mask = classes.reduce((sum, [, shift]) => sum | (7 << shift), setid)
      if (operator === '+') mode |= set
      else if (operator === '-') mode &= ~set
      else mode = (mode & ~mask) | set
    }
    return mode
  }
}

const octal = /^[0-7]{1,5}$/

/** The mode that a number names; undefined: it is a change of whatever there is. */
export const fixedMode = (text: string): number | undefined => (octal.test(text) ? Number.parseInt(text, 8) : undefined)

/** `0644`, `755`, or chmod's `u=rwX,go=rX`. Throws invalid in BuildKit's words. */
export const parseMode = (text: string): ModeChange => {
  const mode = fixedMode(text)
  if (mode !== undefined) return mode <= 0o7777 ? () => mode : fail(text)
  const changes = text.split(',').map((part) => applyClause(part, text))
  return (before, isDirectory) => changes.reduce((result, change) => change(result, isDirectory), before)
}
