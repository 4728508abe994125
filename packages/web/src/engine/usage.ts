import type { ContainerUsage, UsageSample } from '@slipway/client'
import { useSyncExternalStore } from 'react'
import { ask, readLines } from '../calls/ask.ts'

export interface UsagePoint extends ContainerUsage {
  /** Unix milliseconds. */
  readonly time: number
}

/** Ten minutes of samples. */
const mostKept = 300

type Usage = ReadonlyMap<string, readonly UsagePoint[]>

let usage: Usage = new Map()
const watchers = new Set<() => void>()
let following: AbortController | undefined

const take = ({ time, containers }: UsageSample): void => {
  usage = new Map(containers.map((one) => [one.id, [...(usage.get(one.id) ?? []), { ...one, time }].slice(-mostKept)]))
  for (const watcher of watchers) watcher()
}

const follow = async (signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    try {
      for await (const sample of readLines<UsageSample>(await ask('/usage', { signal }))) take(sample)
    } catch {
      // The stream of events says that the engine is away.
    }
    await new Promise((resolve) => setTimeout(resolve, 2000))
  }
}

/** From one page to the next the samples have no gap. */
const lingerMs = 5000

const stopUnwatched = (): void => {
  if (watchers.size > 0) return
  following?.abort()
  following = undefined
}

/** The stream runs while somebody looks. */
const subscribe = (watcher: () => void): (() => void) => {
  watchers.add(watcher)
  if (following === undefined) {
    following = new AbortController()
    void follow(following.signal)
  }
  return () => {
    watchers.delete(watcher)
    setTimeout(stopUnwatched, lingerMs)
  }
}

/** The samples of every running container, the newest last. */
export const useUsage = (): Usage => useSyncExternalStore(subscribe, () => usage)
