import { findDirective, withoutShebang } from './directives.ts'

/** `{"syntax": "…"}`: a definition that is JSON names its frontend there. */
const jsonSyntax = (text: string): string | undefined => {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    const { syntax } = JSON.parse(text) as { readonly syntax?: unknown }
    return typeof syntax === 'string' ? syntax.split(/\s/, 1)[0] : undefined
  } catch {
    return undefined
  }
}

/**
 * The frontend that a definition asks for: `# syntax=docker/dockerfile:1` among its first comments, `// syntax=…`, or JSON; a
 * `#!` line may come first. What follows the name is for the frontend. undefined: none.
 */
export const requestedSyntax = (text: string): string | undefined =>
  findDirective(text, 'syntax') ?? findDirective(text, 'syntax', '//') ?? jsonSyntax(withoutShebang(text))

/** True for the Dockerfile's own frontend, wherever it is taken from: that is what is here. */
export const isBuiltInSyntax = (name: string): boolean =>
  /^(?:dockerfile\.v0|(?:[a-z0-9.-]+(?::\d+)?\/)?(?:[\w.-]+\/)*docker\/dockerfile(?:-upstream)?(?:[:@].*)?)$/i.test(
    name,
  )
