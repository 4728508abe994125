import { Exit, errorText } from '../exit.ts'
import type { Console } from '../terminal/console.ts'
import { warnLine } from '../terminal/console.ts'
import { compileTemplate } from './template/template.ts'

/** Prints them one by one. docker ends the line that it could not print. */
const render = ({ stdout }: Console, found: readonly unknown[], format: string): void => {
  if (format === '') {
    stdout.write(`${JSON.stringify(found, null, 4)}\n`)
    return
  }
  const print = compileTemplate(format === 'json' ? '{{json .}}' : format, 'inspect')
  for (const one of found) {
    try {
      stdout.write(print(one))
    } finally {
      stdout.write('\n')
    }
  }
}

/** Looks each name up and prints what was found, then what wasn't. Exit code 1 when something wasn't. */
export const printInspected = async (
  console: Console,
  names: readonly string[],
  format: string | undefined,
  find: (name: string) => Promise<unknown>,
): Promise<number> => {
  const found: unknown[] = []
  const failures: string[] = []
  for (const name of names) {
    try {
      found.push(await find(name))
    } catch (error) {
      if (error instanceof Exit && error.exitCode !== 1) throw error
      failures.push(errorText(error))
    }
  }
  if (found.length > 0 || !format) render(console, found, format ?? '')
  for (const failure of failures) warnLine(console, failure)
  return failures.length === 0 ? 0 : 1
}
