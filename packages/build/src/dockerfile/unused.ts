import { parseArguments } from './instructions/arg.ts'
import type { Line } from './parser.ts'
import type { FileText, StageText } from './stages.ts'

const alwaysUsed =
  /^(?:(?:https?|ftp|no|all)_proxy|SOURCE_DATE_EPOCH|BUILDKIT_\w+|(?:BUILD|TARGET)(?:PLATFORM|OS|OSVERSION|ARCH|VARIANT|STAGE))$/i

const namesIn = (lines: readonly Line[]): readonly string[] =>
  lines.flatMap((line) => parseArguments(line).map(({ name }) => name))

/** The build arguments that no ARG of what is built takes. */
export const unusedArguments = (
  file: FileText,
  reached: readonly StageText[],
  buildArgs: Readonly<Record<string, string | null>>,
): readonly string[] => {
  const lines = reached.flatMap(({ commands }) => commands.map(({ line }) => line).filter(({ name }) => name === 'ARG'))
  const used = new Set([...namesIn(file.globals), ...namesIn(lines)])
  return Object.keys(buildArgs)
    .filter((name) => !used.has(name) && !alwaysUsed.test(name))
    .sort()
}
