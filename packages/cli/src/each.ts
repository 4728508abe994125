import { Exit, errorText } from './exit.ts'
import { type Console, warnLine } from './terminal/console.ts'

/** Does something to each operand, all at once; says in their order what became of them. Exit code 1 if one failed. */
export const forEach = async (
  console: Console,
  operands: readonly string[],
  act: (operand: string) => Promise<string | undefined>,
): Promise<number> => {
  const attempts = operands.map(act)
  for (const attempt of attempts) attempt.catch(() => undefined)
  let exitCode = 0
  for (const attempt of attempts) {
    try {
      const line = await attempt
      if (line !== undefined) console.stdout.write(`${line}\n`)
    } catch (error) {
      if (error instanceof Exit) throw error
      warnLine(console, errorText(error))
      exitCode = 1
    }
  }
  return exitCode
}
