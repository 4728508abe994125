/** A name, and what it is given. */
export type Assigned<Value> = readonly [name: string, value: Value]

/** Grows at its end only; every list of names that came of it knows how much of it is its own. */
interface Log<Value> {
  /** What was there before its first; undefined: `first` alone. */
  readonly base?: Assignments<Value>
  readonly first: readonly Assigned<Value>[]
  /** Of names that `first` has more than once the last: a new value replaces the first one, and isn't seen. */
  readonly hidden: ReadonlyMap<string, Value>
  readonly items: Assigned<Value>[]
  /** Where in `items` a name is, in their order. */
  readonly places: Map<string, number[]>
}

/**
 * Names and their values in the order in which they first came: ENV, ARG, LABEL… A stage of thousands of instructions has as
 * many states, which share one log. Never changed, as whoever holds one sees it.
 */
export interface Assignments<Value> {
  readonly log: Log<Value>
  readonly length: number
}

const startLog = <Value>(first: readonly Assigned<Value>[], base?: Assignments<Value>): Log<Value> => {
  const seen = new Set<string>()
  const hidden = new Map(base?.log.hidden)
  for (const [name, value] of first) {
    if (seen.has(name)) hidden.set(name, value)
    seen.add(name)
  }
  const items: Assigned<Value>[] = []
  const places = new Map<string, number[]>()
  const log: Log<Value> = { first, hidden, items, places, ...(base === undefined ? {} : { base }) }
  for (const item of first) add(log, item)
  return log
}

const add = <Value>({ items, places }: Log<Value>, item: Assigned<Value>): void => {
  const at = items.push(item) - 1
  const before = places.get(item[0])
  if (before === undefined) places.set(item[0], [at])
  else before.push(at)
}

export const startAssignments = <Value>(first: readonly Assigned<Value>[] = []): Assignments<Value> => {
  const log = startLog(first)
  return { log, length: log.items.length }
}

/** With a value in the place of the older one of its name, or at the end. What was given stays as it is. */
export const assign = <Value>(
  to: Assignments<Value> | null | undefined,
  pairs: readonly Assigned<Value>[],
): Assignments<Value> => {
  if (!to) return assign(startAssignments<Value>(), pairs)
  // Somebody else went on from here: from now on there are two ways.
  const log = to.length === to.log.items.length ? to.log : startLog([], to)
  for (const pair of pairs) add(log, pair)
  return { log, length: log.items.length }
}

/** The value of a name; of several in what it began with the last one counts. */
export const assignedTo = <Value>(to: Assignments<Value> | undefined, name: string): Assigned<Value> | undefined => {
  for (let at = to; at !== undefined; at = at.log.base) {
    const { log, length } = at
    const hidden = log.hidden.get(name)
    if (hidden !== undefined) return [name, hidden]
    const place = log.places.get(name)?.findLast((each) => each < length)
    if (place !== undefined) return log.items[place]
  }
  return undefined
}

const waysTo = <Value>(to: Assignments<Value>): readonly Assignments<Value>[] => {
  const ways: Assignments<Value>[] = []
  for (let at: Assignments<Value> | undefined = to; at !== undefined; at = at.log.base) ways.push(at)
  return ways.reverse()
}

/** All of them, each name in its first place with its last value; what it began with has a name perhaps twice. */
export const allAssigned = <Value>(to: Assignments<Value> | null | undefined): readonly Assigned<Value>[] => {
  if (!to) return []
  const ways = waysTo(to)
  const all = [...(ways[0]?.log.first ?? [])]
  const places = new Map<string, number>()
  for (const [index, [name]] of all.entries()) if (!places.has(name)) places.set(name, index)
  for (const { log, length } of ways) {
    for (let index = log.first.length; index < length; index += 1) {
      const pair = log.items[index]
      if (pair === undefined) break
      const at = places.get(pair[0]) ?? all.length
      places.set(pair[0], at)
      all[at] = pair
    }
  }
  return all
}

/** What was assigned between one and the next that came of it. */
export const assignedSince = <Value>(
  before: Assignments<Value> | null | undefined,
  after: Assignments<Value> | null | undefined,
): readonly Assigned<Value>[] => {
  if (!after) return []
  const { log, length } = after
  return log.items.slice(log === before?.log ? before.length : 0, length)
}
