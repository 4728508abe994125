import { Exit, errorText } from '../exit.ts'
import type { Console } from '../terminal/console.ts'
import { warnLine } from '../terminal/console.ts'
import { compileTemplate, type MannerName } from './template/template.ts'

/** `--format` of what isn't a list: `json`, or a template. Throws Exit when it can't be read. */
export const compileFormat = (format: string, manner: MannerName, type?: string): ((data: unknown) => string) =>
  compileTemplate(format === 'json' ? '{{json .}}' : format, manner, type)

/** A line. docker ends also the one that it could not print. Throws Exit. */
export const printWith = (stdout: Console['stdout'], print: (data: unknown) => string, data: unknown): void => {
  try {
    stdout.write(print(data))
  } finally {
    stdout.write('\n')
  }
}

const render = ({ stdout }: Console, found: readonly unknown[], format: string): void => {
  if (format === '') {
    stdout.write(`${JSON.stringify(found, null, 4)}\n`)
    return
  }
  if (format === 'json') {
    stdout.write(`${JSON.stringify(found)}\n`)
    return
  }
  const print = compileFormat(format, 'inspect')
  for (const one of found) printWith(stdout, print, one)
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
