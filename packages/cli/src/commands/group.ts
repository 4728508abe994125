import type { AnyCommand } from '../command.ts'

export type Load = () => Promise<{ readonly command: AnyCommand }>

export interface Group {
  readonly summary: string
  readonly commands: Readonly<Record<string, Load>>
  /** Nouns below this one: `slipway hub token ls`. */
  readonly groups?: Readonly<Record<string, Group>>
  /** Other words for them; not shown. */
  readonly aliases: Readonly<Record<string, string>>
}
