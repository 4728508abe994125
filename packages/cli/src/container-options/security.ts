import { readFile } from 'node:fs/promises'
import type { HostConfig } from '@slipway/client'
import { messageOf } from '@slipway/client'
import { Exit, fileProblem } from '../exit.ts'

const profileNames = new Set(['unconfined', 'builtin'])

/** A profile travels as its text: the engine doesn't see our files. */
const readProfile = async (path: string): Promise<string> => {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new Exit(125, `opening seccomp profile (${path}) failed: ${fileProblem(error, path)}`)
  })
  try {
    return JSON.stringify(JSON.parse(text))
  } catch (error) {
    throw new Exit(125, `compacting json for seccomp profile (${path}) failed: ${messageOf(error)}`)
  }
}

const readOption = async (option: string): Promise<string> => {
  const [key = '', value] = option.includes('=') ? option.split(/=(.*)/s) : option.split(/:(.*)/s)
  if (value === undefined && key !== 'no-new-privileges') throw new Exit(125, `Invalid --security-opt: "${option}"`)
  if (key !== 'seccomp' || value === undefined || profileNames.has(value)) return option
  return `seccomp=${await readProfile(value)}`
}

/** Reads `--security-opt`. `systempaths=unconfined` is ours to translate: nothing of /proc and /sys is hidden then. */
export const readSecurityOptions = async (
  options: readonly string[],
): Promise<Pick<HostConfig, 'SecurityOpt' | 'MaskedPaths' | 'ReadonlyPaths'>> => {
  const open = options.includes('systempaths=unconfined')
  const rest = await Promise.all(options.filter((option) => option !== 'systempaths=unconfined').map(readOption))
  return {
    ...(rest.length === 0 ? {} : { SecurityOpt: rest }),
    ...(open ? { MaskedPaths: [], ReadonlyPaths: [] } : {}),
  }
}
