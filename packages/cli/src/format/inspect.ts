import { Exit, errorText } from '../exit.ts'
import type { Console } from '../terminal/console.ts'
import { warnLine } from '../terminal/console.ts'
import { compileTemplate } from './template/template.ts'

const render = (found: readonly unknown[], format: string): string => {
  if (format === '') return `${JSON.stringify(found, null, 4)}\n`
  const print = compileTemplate(format === 'json' ? '{{json .}}' : format, 'inspect')
  return found.map((one) => `${print(one)}\n`).join('')
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
  if (found.length > 0 || !format) console.stdout.write(render(found, format ?? ''))
  for (const failure of failures) warnLine(console, failure)
  return failures.length === 0 ? 0 : 1
}
