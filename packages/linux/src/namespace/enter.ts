import { closeSync, openSync } from 'node:fs'
import { kernel } from '../kernel/calls.ts'
import { check } from '../kernel/error.ts'

const CLONE_NEWNET = 0x40000000
const ownNetns = '/proc/thread-self/ns/net'

/**
 * Runs `body` with this thread in another network namespace, given by path or descriptor, and comes back. Only what is
 * synchronous happens there: asynchronous calls are made by other threads, in the namespace they were born in. Sockets
 * stay in the namespace they were opened in.
 */
export const withNetns = <Result>(netns: string | number, body: () => Result): Result => {
  const fd = typeof netns === 'number' ? netns : openSync(netns, 'r')
  try {
    return away(() => check(kernel.setns(fd, CLONE_NEWNET), 'setns', String(netns)), body)
  } finally {
    if (typeof netns !== 'number') closeSync(fd)
  }
}

/** Runs `body` with this thread in a network namespace that nobody has been in, and comes back. */
export const withNewNetns = <Result>(body: () => Result): Result =>
  away(() => check(kernel.unshare(CLONE_NEWNET), 'unshare'), body)

const away = <Result>(leave: () => void, body: () => Result): Result => {
  const home = openSync(ownNetns, 'r')
  try {
    leave()
    try {
      return body()
    } finally {
      // A thread that went on in a container's namespace would change the wrong network. This has never been seen.
      if (kernel.setns(home, CLONE_NEWNET) < 0) process.abort()
    }
  } finally {
    closeSync(home)
  }
}
