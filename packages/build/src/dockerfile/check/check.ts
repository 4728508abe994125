import { commentsAbove } from '../description.ts'
import { directiveIn } from '../directives.ts'
import { parseArguments } from '../instructions/arg.ts'
import { type Line, parseDockerfile } from '../parser.ts'
import { type FileText, readStages } from '../stages.ts'
import type { Finding } from './rules.ts'
import { type CheckSetting, defaultSetting, isOn, parseCheckSetting } from './setting.ts'
import { checkStages } from './stages.ts'

const checkMaintainers = ({ stages }: FileText): readonly Finding[] =>
  stages.flatMap(({ commands }) =>
    commands.flatMap(({ line }): readonly Finding[] =>
      line.name === 'MAINTAINER'
        ? [
            {
              rule: 'MaintainerDeprecated',
              text: 'Maintainer instruction is deprecated in favor of using label',
              line: line.start,
              end: line.end,
            },
          ]
        : [],
    ),
  )

/** Mixed casing is told of each; otherwise those that are fewer are told. */
const checkCasing = (lines: readonly Line[]): readonly Finding[] => {
  const isUpper = (word: string): boolean => word === word.toUpperCase()
  const isLower = (word: string): boolean => word === word.toLowerCase()
  const upper = lines.filter(({ typed }) => isUpper(typed)).length
  const lower = lines.filter(({ typed }) => isLower(typed)).length
  const majority = lower > upper ? 'lowercase' : 'uppercase'
  return lines
    .filter(({ typed }) => (majority === 'lowercase' ? !isLower(typed) : !isUpper(typed)))
    .map(({ typed, start }) => ({
      rule: 'ConsistentInstructionCasing',
      text: `Command '${typed}' should match the case of the command majority (${majority})`,
      line: start,
    }))
}

const linesOfHeredocs = ({ heredocs }: Line): number =>
  heredocs.reduce((sum, { content }) => sum + content.split('\n').length, 0)

/** Where the instruction itself ends. */
const endOf = (line: Line): number => line.end - linesOfHeredocs(line)

const checkContinuations = (lines: readonly Line[], text: readonly string[]): readonly Finding[] =>
  lines
    .filter((line) => text.slice(line.start, endOf(line)).some((raw) => raw.trim() === ''))
    .map((line) => ({ rule: 'NoEmptyContinuation', text: 'Empty continuation line', line: endOf(line) }))

/** What an ARG or a named FROM defines. */
interface Definition {
  readonly line: Line
  readonly names: readonly string[]
}

const definitionsIn = ({ globals, stages }: FileText): readonly Definition[] => {
  const argumentsIn = (lines: readonly Line[]) =>
    lines
      .filter(({ name }) => name === 'ARG')
      .map((line) => ({ line, names: parseArguments(line).map(({ name }) => name) }))
  return [
    ...argumentsIn(globals),
    ...stages.flatMap(({ from, commands }) => [
      ...(from.stageName === undefined ? [] : [{ line: from.line, names: [from.stageName] }]),
      ...argumentsIn(commands.map(({ line }) => line)),
    ]),
  ]
}

/** `# name description` above an ARG or a named FROM: other first words of the last comment are told. */
const checkDescriptions = (file: FileText, text: readonly string[]): readonly Finding[] =>
  definitionsIn(file).flatMap(({ line, names }): readonly Finding[] => {
    const comment = commentsAbove(text, line.start).at(-1)
    if (comment === undefined || names.includes(comment.split(' ', 1)[0] ?? '')) return []
    const example = names.length > 1 ? '<arg_key>' : names[0]
    const about = `Comment for ${line.name} should follow the format: \`# ${example} <description>\``
    return [{ rule: 'InvalidDefinitionDescription', text: about, line: line.start, end: line.end }]
  })

export interface Checked {
  readonly findings: readonly Finding[]
  /** For what is found later: true when nothing turned the rule off. */
  isOn(finding: Finding): boolean
}

/** What stands right above an instruction. What can't be read there is as if it weren't. */
const settingAbove = (comment: string | undefined): CheckSetting => {
  const text = comment === undefined ? undefined : directiveIn(comment, 'check')
  try {
    return text === undefined ? defaultSetting : parseCheckSetting(text)
  } catch {
    return defaultSetting
  }
}

/**
 * What BuildKit's build checks say about a file, as far as it can be said from its text alone; the others are found while it is
 * planned. Throws invalid for what is no Dockerfile.
 */
export const checkDockerfile = (text: string, setting: CheckSetting = defaultSetting): Checked => {
  const { directives, lines } = parseDockerfile(text)
  const file = readStages(lines)
  const physical = text.split('\n')
  const globals = new Set(file.globals.map(({ start }) => start))
  const settingOf = (line: number): CheckSetting => {
    // The file's own directives are its first lines.
    const isDirective = line - 1 <= Object.keys(directives).length
    return isDirective ? defaultSetting : settingAbove(physical[line - 2])
  }
  const applies = (finding: Finding): boolean => isOn(finding, setting, settingOf(finding.line))
  const findings = [
    ...checkCasing(lines.filter(({ start }) => !globals.has(start))),
    ...checkContinuations(lines, physical),
    ...checkStages(file),
    ...checkDescriptions(file, physical),
    ...checkMaintainers(file),
  ]
    .filter(applies)
    .sort((a, b) => a.line - b.line)
  return { findings, isOn: applies }
}
