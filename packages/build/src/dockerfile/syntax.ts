const directive = /^(?:#|\/\/)\s*syntax\s*=\s*(\S+)/i

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
export const requestedSyntax = (text: string): string | undefined => {
  const lines = text.replace(/^\uFEFF/, '').split('\n')
  const shebang = lines[0]?.startsWith('#!') ? 1 : 0
  for (const line of lines.slice(shebang)) {
    const trimmed = line.trim()
    const found = directive.exec(trimmed)?.[1]
    if (found !== undefined) return found
    // Only other directives may stand before it.
    if (!/^(?:#|\/\/)\s*[a-z][a-z0-9]*\s*=/i.test(trimmed)) break
  }
  return jsonSyntax(lines.slice(shebang).join('\n'))
}

/** True for the Dockerfile's own frontend, wherever it is taken from: that is what is here. */
export const isBuiltInSyntax = (name: string): boolean =>
  /^(?:dockerfile\.v0|(?:[a-z0-9.-]+(?::\d+)?\/)?(?:[\w.-]+\/)*docker\/dockerfile(?:-upstream)?(?:[:@].*)?)$/i.test(
    name,
  )
