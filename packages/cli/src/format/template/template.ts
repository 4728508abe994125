import { Exit } from '../../exit.ts'
import { evaluate, type Knowledge, MisfitError } from './evaluate.ts'
import { TemplateError } from './lex.ts'
import { parseTemplate } from './parse.ts'
import { isOptionalField, isRecord } from './value.ts'

interface Manner {
  /** What is said before the message of a template that can't be read, and of one that can't be printed. */
  readonly parsing: string
  readonly executing: string
  /** The exit codes of the two. */
  readonly exitCodes: readonly [unreadable: number, unprintable: number]
  /** What the template is called. */
  readonly name?: string
}

const usual = 'template parsing error: '

/** Each kind of command that prints with templates has its own manner of failing, with docker as here. */
const manners = {
  list: { parsing: usual, executing: usual, exitCodes: [1, 1] },
  /** The first line of a table: a field that has no heading has no value. */
  heading: { parsing: usual, executing: usual, exitCodes: [1, 1] },
  /** Of `ps`, before it asks the engine. */
  listCheck: { parsing: 'failed to parse template: ', executing: 'failed to execute template: ', exitCodes: [1, 1] },
  inspect: { parsing: usual, executing: usual, exitCodes: [64, 1] },
  info: { parsing: usual, executing: '', exitCodes: [64, 1] },
  version: { parsing: usual, executing: '', exitCodes: [64, 1], name: 'version' },
  events: { parsing: 'Error parsing format: ', executing: 'Error parsing format: ', exitCodes: [64, 64] },
} as const satisfies Readonly<Record<string, Manner>>

export type MannerName = keyof typeof manners

const mannerOf = (name: MannerName): Manner => manners[name]

const goTypes: Readonly<Record<string, string>> = { string: 'string', boolean: 'bool', number: 'int64' }

/** `1:2:`, the line and the column, as Go counts them. */
const place = (template: string, at: number | undefined): string => {
  if (at === undefined) return '1:'
  const before = template.slice(0, at).split('\n')
  return `${before.length}:${before.at(-1)?.length ?? 0}:`
}

const say = (prefix: string, template: string, error: TemplateError, name = ''): string =>
  `${prefix}template: ${name}:${place(template, error.at)} ${error.message}`

/** Of a thing that is inspected, the API leaves out what is empty; a row of a list is always whole. */
const isInspecting = (manner: MannerName): boolean => ['inspect', 'info', 'version'].includes(manner)

/** What has been labelled, say: no key of it is an error. */
const isTextMap = (value: unknown): boolean =>
  isRecord(value) && Object.values(value).every((one) => typeof one === 'string')

/** What docker's own program knows of the data by its types. */
const knowledgeOf = (manner: MannerName, data: unknown, type: string | undefined): Knowledge => ({
  name: mannerOf(manner).name ?? '',
  mayBeMissing: (name, value) => {
    if (isInspecting(manner)) return isOptionalField(name)
    return manner === 'heading' || (value !== data && isTextMap(value))
  },
  typeOf: (value) => {
    if (value === data) return type
    if (isRecord(value)) return undefined
    return type === undefined ? 'interface {}' : goTypes[typeof value]
  },
})

/** A check of whether all fields are known: what else goes wrong with a sample may go well with what is real. */
const isPassed = (error: TemplateError, manner: MannerName): boolean =>
  manner === 'listCheck' && !(error instanceof MisfitError)

/**
 * Makes a printer of a Go template: as much of the language as people use in `--format`. `type`: what Go calls the data's
 * type, undefined for a map. Throws Exit, at once when the template can't be read, and when printing when it asks for what
 * isn't there.
 */
export const compileTemplate = (
  template: string,
  manner: MannerName = 'list',
  type?: string,
): ((data: unknown) => string) => {
  const { parsing, executing, exitCodes, name } = mannerOf(manner)
  try {
    const nodes = parseTemplate(template)
    return (data) => {
      try {
        return evaluate(nodes, data, knowledgeOf(manner, data, type))
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error
        if (isPassed(error, manner)) return ''
        throw new Exit(exitCodes[1], say(executing, template, error, name), { cause: error })
      }
    }
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    throw new Exit(exitCodes[0], say(parsing, template, error, name), { cause: error })
  }
}
