import { basename } from 'node:path'
import { invalid } from '@slipway/core'

/** A program with runc's command line. */
export interface OciRuntime {
  /** As `--runtime` has it. */
  readonly name: string
  /** Its path. */
  readonly program: string
  /** What is started: the program, or something of ours that starts it (see writeLauncher). */
  readonly command: string
  /** It takes system call filters that are compiled already (see FilterCache). */
  readonly takesFilters: boolean
}

export interface OciRuntimes {
  /** What containers get that ask for none. */
  readonly default: string
  readonly all: readonly OciRuntime[]
}

export const isCrun = (program: string): boolean => basename(program).startsWith('crun')

/** A program as it is, with nothing around it. */
export const plainRuntime = (name: string, program: string): OciRuntime => ({
  name,
  program,
  command: program,
  takesFilters: isCrun(program),
})

/** Only one. */
export const singleRuntime = (name: string, program: string): OciRuntimes => ({
  default: name,
  all: [plainRuntime(name, program)],
})

/** The one with this name, without a name the default. Throws invalid in docker's words. */
export const runtimeNamed = ({ all, default: usual }: OciRuntimes, name: string = usual): OciRuntime => {
  const found = all.find((one) => one.name === (name || usual))
  if (found === undefined) throw invalid(`unknown or invalid runtime name: ${name}`)
  return found
}
