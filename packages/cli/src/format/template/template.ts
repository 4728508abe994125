import { Exit } from '../../exit.ts'
import { evaluate } from './evaluate.ts'
import { TemplateError } from './lex.ts'
import { parseTemplate } from './parse.ts'

/** docker's code for a template that can't be read. */
const badTemplate = 64

/** Makes a printer of a Go template: as much of the language as people use in `--format`. Throws Exit 64. */
export const compileTemplate = (template: string): ((data: unknown) => string) => {
  try {
    const nodes = parseTemplate(template)
    return (data) => {
      try {
        return evaluate(nodes, data)
      } catch (error) {
        if (error instanceof TemplateError) throw new Exit(1, `template: :1: ${error.message}`, { cause: error })
        throw error
      }
    }
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    throw new Exit(badTemplate, `template parsing error: template: :1: ${error.message}`, { cause: error })
  }
}
