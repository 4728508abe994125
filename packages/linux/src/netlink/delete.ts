import { isTolerated } from './batch.ts'
import { deleteLink } from './link.ts'
import { openRouteSocket } from './open.ts'
import type { LinkOperation } from './operation.ts'

type Deletion = Extract<LinkOperation, { readonly do: 'delete-link' }>

export const deletesLinksOnly = (steps: readonly LinkOperation[]): steps is readonly Deletion[] =>
  steps.every((step) => step.do === 'delete-link')

/** The ends of two queues, so that deletions take no more than two of libuv's threads. */
const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()]
let turn = 0

/**
 * Deletes links without holding this thread up: the kernel waits 20 to 50 ms until nobody looks at a link any more, but
 * not under its network lock: a container is connected in the usual 2 ms meanwhile (both measured).
 */
export const deleteLinks = (steps: readonly Deletion[], netns?: string): Promise<void> => {
  turn = (turn + 1) % lanes.length
  const done = Promise.resolve(lanes[turn]).then(() => deleteInTurn(steps, netns))
  lanes[turn] = done.catch(() => {})
  return done
}

const deleteInTurn = async (steps: readonly Deletion[], netns: string | undefined): Promise<void> => {
  for (const step of steps) {
    try {
      using socket = openRouteSocket(step.netns ?? netns)
      await socket.changeAside(deleteLink(step.name), { action: step.do, name: step.name })
    } catch (error) {
      if (!isTolerated(step, error)) throw error
    }
  }
}
