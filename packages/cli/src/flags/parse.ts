import type { Flag, Flags, Values } from './flag.ts'

export interface Parsed<F extends Flags> {
  readonly values: Values<F>
  readonly operands: readonly string[]
  /** The flags that were written. */
  readonly given: ReadonlySet<string>
  readonly help: boolean
}

/** What is wrong with the command line, in pflag's words; exit code 125. */
export class FlagError extends Error {}

interface Found {
  readonly name: string
  readonly flag: Flag<unknown>
}

const index = (flags: Flags): { readonly long: Map<string, Found>; readonly short: Map<string, Found> } => {
  const long = new Map<string, Found>()
  const short = new Map<string, Found>()
  for (const [name, flag] of Object.entries(flags)) {
    for (const word of [name, ...flag.aliases]) long.set(word, { name, flag })
    if (flag.short !== '') short.set(flag.short, { name, flag })
  }
  return { long, short }
}

const title = ({ name, flag }: Found): string => (flag.short === '' ? `--${name}` : `-${flag.short}, --${name}`)

/** Takes a command line apart, word by word. */
class FlagReader {
  readonly values: Record<string, unknown>
  readonly given = new Set<string>()
  readonly operands: string[] = []
  help = false
  readonly #long: Map<string, Found>
  readonly #short: Map<string, Found>
  readonly #rest: string[]
  readonly #interspersed: boolean

  constructor(flags: Flags, argv: readonly string[], interspersed: boolean) {
    this.values = Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, flag.initial]))
    const { long, short } = index(flags)
    this.#long = long
    this.#short = short
    this.#rest = [...argv]
    this.#interspersed = interspersed
  }

  read(): void {
    while (this.#rest.length > 0 && !this.help) {
      const word = this.#rest.shift() ?? ''
      if (word === '--') this.operands.push(...this.#rest.splice(0))
      else if (word.startsWith('--')) this.#readLong(word.slice(2))
      else if (word.startsWith('-') && word !== '-') this.#readCluster(word.slice(1))
      else this.operands.push(word, ...(this.#interspersed ? [] : this.#rest.splice(0)))
    }
  }

  #take(found: Found, value: string): void {
    try {
      this.values[found.name] = found.flag.read(value, this.values[found.name])
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new FlagError(`invalid argument ${JSON.stringify(value)} for "${title(found)}" flag: ${why}`)
    }
    this.given.add(found.name)
  }

  #readLong(word: string): void {
    const equals = word.indexOf('=')
    const name = equals === -1 ? word : word.slice(0, equals)
    const found = this.#long.get(name)
    if (found !== undefined)
      this.#take(found, equals === -1 ? this.#valueOf(found, `--${name}`) : word.slice(equals + 1))
    else if (name === 'help') this.help = true
    else throw new FlagError(`unknown flag: --${name}`)
  }

  #readCluster(cluster: string): void {
    for (let at = 0; at < cluster.length && !this.help; at++) {
      const letter = cluster[at] ?? ''
      const found = this.#short.get(letter)
      const attached = cluster.slice(at + 1)
      if (found === undefined) this.#unknownLetter(letter, cluster)
      else if (attached.startsWith('=')) {
        this.#take(found, attached.slice(1))
        return
      } else if (!found.flag.isSwitch && attached !== '') {
        this.#take(found, attached)
        return
      } else this.#take(found, this.#valueOf(found, `'${letter}' in -${cluster}`))
    }
  }

  #unknownLetter(letter: string, cluster: string): void {
    if (letter !== 'h') throw new FlagError(`unknown shorthand flag: '${letter}' in -${cluster}`)
    this.help = true
  }

  /** What a flag is given without `=`: true to a switch, to others the next word. */
  #valueOf({ flag }: Found, written: string): string {
    if (flag.isSwitch) return 'true'
    const value = this.#rest.shift()
    if (value === undefined) throw new FlagError(`flag needs an argument: ${written}`)
    return value
  }
}

/**
 * Reads docker's (pflag's) command lines: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`, clusters
 * as `-itd`, switches with `=false`, `--` for the end. With `interspersed: false` the first operand ends the flags:
 * what follows an image belongs to its command.
 */
export const parseFlags = <F extends Flags>(
  flags: F,
  argv: readonly string[],
  { interspersed = true }: { readonly interspersed?: boolean } = {},
): Parsed<F> => {
  const reader = new FlagReader(flags, argv, interspersed)
  reader.read()
  const { values, operands, given, help } = reader
  return { values: values as Values<F>, operands, given, help }
}
