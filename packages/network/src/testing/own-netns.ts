import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const marker = 'SLIPWAY_TEST_OWN_NETNS'

/**
 * Runs a test file's tests in a process with network and mount namespaces of its own: the host's links, rules and sysctls
 * are out of reach, and what a failing test leaves goes with the process.
 */
export const inOwnNetns = (url: string, define: () => void): void => {
  if (process.env[marker] !== undefined) {
    define()
    return
  }
  test('in network and mount namespaces of its own', async () => {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const child = spawn(
      'unshare',
      ['--net', '--mount', process.execPath, '--disable-warning=ExperimentalWarning', '--test', fileURLToPath(url)],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, [marker]: '1' }, timeout: 300_000, killSignal: 'SIGKILL' },
    )
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
    const [output, code] = await Promise.all([text(child.stdout), exited, text(child.stderr)])
    assert.equal(code, 0, output)
  })
}
