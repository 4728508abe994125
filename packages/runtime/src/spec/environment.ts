import type { SpecInput } from './input.ts'

export const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** What a process finds set before anyone says anything, in docker's order; `asked` wins, and `NAME` alone unsets. */
export const processEnvironment = ({
  env: asked,
  hostname,
  terminal,
  home,
}: Pick<SpecInput, 'env' | 'hostname' | 'terminal'> & { readonly home?: string | undefined }): readonly string[] => {
  const defaults = [
    `PATH=${defaultPath}`,
    ...(hostname === undefined ? [] : [`HOSTNAME=${hostname}`]),
    ...(terminal ? ['TERM=xterm'] : []),
  ]
  const variables = mergeEnvironment(defaults, asked)
  return home === undefined || variables.some((entry) => entry.startsWith('HOME='))
    ? variables
    : [...variables, `HOME=${home}`]
}

/** `NAME=value` entries of `over` replace those of `base` in their place; an entry without `=` takes the name away. */
const mergeEnvironment = (base: readonly string[], over: readonly string[]): readonly string[] => {
  const merged = new Map(base.map((entry) => [nameOf(entry), entry]))
  for (const entry of over) {
    if (entry.includes('=')) merged.set(nameOf(entry), entry)
    else merged.delete(entry)
  }
  return [...merged.values()]
}

const nameOf = (entry: string): string => entry.slice(0, entry.indexOf('='))
