import { ignoreMatcher } from '@slipway/core'
import { type Line, parseDockerfile } from '../parser.ts'
import { type FileText, readStages } from '../stages.ts'
import { instructionChecks } from './instructions.ts'
import type { Finding } from './rules.ts'
import { type CheckSetting, defaultSetting, isOn, parseCheckSetting } from './setting.ts'
import { checkStages } from './stages.ts'

const checkInstructions = ({ stages }: FileText, patterns: readonly string[]): readonly Finding[] => {
  const ignore = ignoreMatcher(patterns)
  return stages.flatMap((stage) =>
    stage.commands.flatMap(({ line }) =>
      (instructionChecks[line.name] ?? []).flatMap((check) =>
        check(line, stage, ignore).map((finding) => ({ ...finding, line: line.start, end: line.end })),
      ),
    ),
  )
}

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

const directive = /^\s*#\s*check\s*=\s*(.+?)\s*$/i

/** The comment right above an instruction, without its mark. */
const commentAbove = (line: Line, text: readonly string[]): string | undefined =>
  /^\s*#(?!\s*(?:syntax|escape|check)\s*=)\s*(.*?)\s*$/i.exec(text[line.start - 2] ?? '')?.[1]

/** `# name description` above an ARG or a named FROM: other first words are told. */
const checkDescriptions = ({ globals, stages }: FileText, text: readonly string[]): readonly Finding[] => {
  const named = [
    ...globals.map((line) => ({ line, name: line.text.split(/[=\s]/)[0] ?? '' })),
    ...stages.flatMap(({ from }) => (from.stageName === undefined ? [] : [{ line: from.line, name: from.stageName }])),
  ]
  return named.flatMap(({ line, name }): readonly Finding[] => {
    const comment = commentAbove(line, text)
    if (!comment || comment.split(/\s/)[0] === name) return []
    const about = `Comment for ${line.name} should follow the format: \`# ${name} <description>\``
    return [{ rule: 'InvalidDefinitionDescription', text: about, line: line.start }]
  })
}

export interface Checked {
  readonly findings: readonly Finding[]
  /** They are to fail the build. */
  readonly isError: boolean
  /** For what is found later: true when nothing turned the rule off. */
  isOn(finding: Finding): boolean
}

/**
 * What BuildKit's build checks say about a file, as far as it can be said from its text: UndefinedVar, WorkdirRelativePath and
 * InvalidBaseImagePlatform are found while it is planned. Throws invalid for what is no Dockerfile. `asked`: a setting as
 * in `# check=`, which takes the place of the file's own.
 */
export const checkDockerfile = (text: string, ignore: readonly string[] = [], asked?: string): Checked => {
  const { directives, lines } = parseDockerfile(text)
  const file = readStages(lines)
  const physical = text.split('\n')
  const typed = asked || directives['check']
  const setting = typed === undefined ? defaultSetting : parseCheckSetting(typed)
  const settingOf = (line: number): CheckSetting => {
    // The file's own directives are its first lines.
    const isDirective = line - 1 <= Object.keys(directives).length
    const above = isDirective ? undefined : directive.exec(physical[line - 2] ?? '')?.[1]
    return above === undefined ? defaultSetting : parseCheckSetting(above)
  }
  const applies = (finding: Finding): boolean => isOn(finding, setting, settingOf(finding.line))
  const findings = [
    ...checkCasing(lines),
    ...checkContinuations(lines, physical),
    ...checkStages(file),
    ...checkDescriptions(file, physical),
    ...checkInstructions(file, ignore),
  ]
    .filter(applies)
    .sort((a, b) => a.line - b.line)
  return { findings, isError: setting.error, isOn: applies }
}
