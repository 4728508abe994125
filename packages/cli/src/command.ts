import type { EngineClient } from '@slipway/client'
import type { DockerConfig } from './config/docker-config.ts'
import type { Flags, Values } from './flags/flag.ts'
import type { Parsed } from './flags/parse.ts'
import type { globalFlags } from './global-flags.ts'
import type { Console } from './terminal/console.ts'

/** How many operands a command takes. */
export interface Operands {
  readonly least: number
  readonly most: number
}

export const none: Operands = { least: 0, most: 0 }
export const exactly = (count: number): Operands => ({ least: count, most: count })
export const atLeast = (count: number): Operands => ({ least: count, most: Number.POSITIVE_INFINITY })
export const between = (least: number, most: number): Operands => ({ least, most })

/** What a command is given to work with. */
export interface Session {
  readonly console: Console
  readonly env: Readonly<Record<string, string | undefined>>
  /** What was written before the command. */
  readonly global: Values<typeof globalFlags>
  /** Connects at the first call. Throws unavailable. */
  client(): Promise<EngineClient>
  /** docker's own file, read at the first call. */
  config(): Promise<DockerConfig>
}

export interface Invocation<F extends Flags> extends Omit<Parsed<F>, 'values' | 'help'> {
  readonly flags: Values<F>
  readonly session: Session
}

export interface Command<F extends Flags> {
  /** After the command's name: `[OPTIONS] CONTAINER [CONTAINER...]`. */
  readonly usage: string
  readonly summary: string
  /** More of it, for `--help` alone. */
  readonly details?: string
  /** All its names, the short one last. */
  readonly names: readonly string[]
  readonly operands: Operands
  readonly flags: F
  /** False: the first operand ends the flags. */
  readonly interspersed?: boolean
  /** Gives the exit code. */
  run(invocation: Invocation<F>): Promise<number>
}

export type AnyCommand = Command<Flags>

/** Keeps the types of the flags together with what uses them. */
export const defineCommand = <F extends Flags>(command: Command<F>): Command<F> => command
