import { invalid } from '@slipway/core'

/** Names and indices from the body's root to a value; the first is the root's name, which dockerd leaves empty at times. */
type Path = readonly (string | number)[]

/**
 * What a JSON value must be: read as Go's encoding/json reads it, for that is what Docker's clients are used to. Names fit in
 * any case, unknown ones are passed over, null is the same as absent, and what has another type is refused in Go's words.
 */
export interface Shape<T> {
  /** Go's name of the type: it is in the refusal. */
  readonly goType: string
  /** What null stands for in a list or a map. */
  readonly zero: T
  readonly read: (value: unknown, path: Path) => T
}

/** JSON numbers of at most 64 bits: those that Go's int64 holds, as closely as JavaScript tells them apart. */
const int64 = { minimum: -(2 ** 63), maximum: 2 ** 63 }

const kindOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

const escapeName = (name: string | number): string =>
  String(name).slice(0, 80).replaceAll('~', '~0').replaceAll('/', '~1')

const refuse = (kind: string, path: Path, goType: string): never => {
  const place = path.length < 2 ? 'Go value' : path.map(escapeName).join('.')
  const field = path.length < 2 || typeof path.at(-1) === 'number' ? '' : 'Go struct field '
  throw invalid(`invalid JSON: json: cannot unmarshal ${kind} into ${field}${place} of type ${goType}`)
}

export const text = <T extends string = string>(goType = 'string'): Shape<T> => ({
  goType,
  zero: '' as T,
  read: (value, path) => (typeof value === 'string' ? (value as T) : refuse(kindOf(value), path, goType)),
})

export const bool: Shape<boolean> = {
  goType: 'bool',
  zero: false,
  read: (value, path) => (typeof value === 'boolean' ? value : refuse(kindOf(value), path, 'bool')),
}

export const integer = (goType = 'int64', { minimum, maximum } = int64): Shape<number> => ({
  goType,
  zero: 0,
  read: (value, path) => {
    if (typeof value !== 'number') return refuse(kindOf(value), path, goType)
    const fits = Number.isInteger(value) && value >= minimum && value <= maximum
    return fits ? value : refuse(`number ${String(value).replace('e+', 'e')}`, path, goType)
  },
})

/** Go's `struct{}`: an object of which nothing is kept. */
export const empty: Shape<Readonly<Record<string, never>>> = {
  goType: 'struct {}',
  zero: {},
  read: (value, path) => (isObject(value) ? {} : refuse(kindOf(value), path, 'struct {}')),
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const list = <T>(element: Shape<T>): Shape<readonly T[]> => {
  const goType = `[]${element.goType}`
  return {
    goType,
    zero: [],
    read: (value, path) => {
      if (!Array.isArray(value)) return refuse(kindOf(value), path, goType)
      return value.map((item: unknown, index) => (item === null ? element.zero : element.read(item, [...path, index])))
    },
  }
}

export const map = <T>(
  element: Shape<T>,
  goType = `map[string]${element.goType}`,
): Shape<Readonly<Record<string, T>>> => ({
  goType,
  zero: {},
  read: (value, path) => {
    if (!isObject(value)) return refuse(kindOf(value), path, goType)
    return Object.fromEntries(
      Object.entries(value).map(([name, item]: [string, unknown]) => [
        name,
        item === null ? element.zero : element.read(item, [...path, name]),
      ]),
    )
  },
})

/** The same, but null stays null in a list or a map: Go's pointers and nil slices. */
export const nullable = <T>(shape: Shape<T>): Shape<T | null> => ({ ...shape, zero: null })

/** Every field of `T` has its shape here: one that is missing would be lost. */
export type Fields<T> = { readonly [K in keyof T]-?: Shape<NonNullable<T[K]>> }

export const object = <T extends object>(goType: string, fields: Fields<T>): Shape<T> => {
  const names = Object.keys(fields) as (keyof T & string)[]
  const exact = new Set<string>(names)
  const folded = new Map<string, keyof T & string>(names.map((name) => [name.toLowerCase(), name]))
  return {
    goType,
    zero: {} as T,
    read: (value, path) => {
      if (!isObject(value)) return refuse(kindOf(value), path, goType)
      const entries = Object.entries(value).flatMap(([given, item]: [string, unknown]) => {
        const name = exact.has(given) ? (given as keyof T & string) : folded.get(given.toLowerCase())
        return name === undefined || item === null ? [] : [[name, fields[name].read(item, [...path, name])] as const]
      })
      return Object.fromEntries(entries) as T
    },
  }
}

/** `rootName`: what dockerd calls the body's own type in a refusal. */
export const readShape = <T>(shape: Shape<T>, value: unknown, rootName = ''): T =>
  value === null ? shape.zero : shape.read(value, [rootName])
