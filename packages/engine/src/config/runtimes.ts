import { isAbsolute } from 'node:path'
import { invalid } from '@slipway/core'

/** It becomes the name of a directory. */
const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}$/

/**
 * Paths of OCI runtimes by name: `--add-runtime NAME=PATH`, and dockerd's `"runtimes": {"NAME": {"path": "PATH"}}` of the config
 * file; flags win. Throws invalid for what is neither.
 */
export const parseRuntimes = (flags: readonly string[], file: unknown): Readonly<Record<string, string>> => {
  const fromFile = Object.entries((file ?? {}) as Readonly<Record<string, unknown>>).map(
    ([name, entry]) => [name, (entry as { readonly path?: unknown } | null)?.path] as const,
  )
  const fromFlags = flags.map((text) => {
    const [, name = text, path] = /^([^=]*)=(.*)$/s.exec(text) ?? []
    return [name, path] as const
  })
  const runtimes: Record<string, string> = {}
  for (const [name, path] of [...fromFile, ...fromFlags]) {
    if (!namePattern.test(name)) throw invalid(`invalid name of a runtime: ${JSON.stringify(name)}`)
    if (typeof path !== 'string' || !isAbsolute(path)) throw invalid(`the runtime ${name} needs an absolute path`)
    runtimes[name] = path
  }
  return runtimes
}
