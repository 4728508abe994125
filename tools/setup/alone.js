import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { step } from './progress.js'

const retryMs = 300

/**
 * Takes a name for this process. The kernel gives the name back when the process ends, however it ends (unix(7), abstract
 * sockets).
 * @param {string} name
 * @returns {Promise<(() => void) | undefined>} gives it back; undefined: another process has it
 */
const takeName = (name) =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', (error) => ('code' in error && error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)))
    server.listen(`\0${name}`, () => resolve(() => server.close()))
  })

/**
 * Runs `body` while no other process does the same to this checkout; waits for one that does.
 * @param {string} root
 * @param {() => Promise<void>} body
 */
export const alone = async (root, body) => {
  const name = `slipway-setup-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`
  const wait = async () => {
    for (;;) {
      const release = await takeName(name)
      if (release) return release
      await delay(retryMs)
    }
  }
  const release = (await takeName(name)) ?? (await step('waiting for another set-up', wait))
  try {
    await body()
  } finally {
    release()
  }
}
