import type { BuildAux } from '@slipway/client'
import { type Console, warnLine } from '../terminal/console.ts'

export type Explained = NonNullable<BuildAux['Explained']>

const numberOf = ({ Step }: Explained): number => Number.parseInt(Step, 10)

/** What a Dockerfile and the names of files say is shown, and does nothing to the terminal. */
const visible = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')

/** Why each step was or wasn't cached, in the order of the file. On stderr, so that `--quiet` still prints an id alone. */
export const showExplained = (explained: readonly Explained[], console: Console): void => {
  if (explained.length === 0) return
  warnLine(console, '\nWhy each step was or was not cached:')
  for (const each of explained.toSorted((a, b) => numberOf(a) - numberOf(b))) {
    warnLine(console, `  ${visible(each.Step)}`)
    for (const line of each.Lines) warnLine(console, `      ${visible(line)}`)
  }
}
