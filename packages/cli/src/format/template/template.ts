import { Exit } from '../../exit.ts'
import { evaluate } from './evaluate.ts'
import { TemplateError } from './lex.ts'
import { parseTemplate } from './parse.ts'
import { isOptionalField } from './value.ts'

/** What lists and what `inspect` say before the message, and the exit codes they give. */
const manners = {
  list: { parsing: 'failed to parse template: ', executing: 'failed to execute template: ', exitCode: 1 },
  inspect: { parsing: 'template parsing error: ', executing: 'template parsing error: ', exitCode: 64 },
} as const

/** `1:2:`, the line and the column, as Go counts them. */
const place = (template: string, at: number | undefined): string => {
  if (at === undefined) return '1:'
  const before = template.slice(0, at).split('\n')
  return `${before.length}:${before.at(-1)?.length ?? 0}:`
}

const say = (prefix: string, template: string, error: TemplateError): string =>
  `${prefix}template: :${place(template, error.at)} ${error.message}`

/**
 * Makes a printer of a Go template: as much of the language as people use in `--format`. Throws Exit, at once when the
 * template can't be read, and when printing when it asks for what isn't there.
 */
export const compileTemplate = (template: string, kind: keyof typeof manners = 'list'): ((data: unknown) => string) => {
  const { parsing, executing, exitCode } = manners[kind]
  // Of a thing that is inspected, the API leaves out what is empty; a row of a list is always whole.
  const mayBeMissing = kind === 'inspect' ? isOptionalField : () => false
  try {
    const nodes = parseTemplate(template)
    return (data) => {
      try {
        return evaluate(nodes, data, mayBeMissing)
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error
        throw new Exit(1, say(executing, template, error), { cause: error })
      }
    }
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    throw new Exit(exitCode, say(parsing, template, error), { cause: error })
  }
}
