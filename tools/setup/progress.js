/**
 * Says what is being done: one line a step. On a terminal the line is written over while the step goes on; otherwise (CI,
 * a file) it is printed once, when the step is over.
 */

const interactive = process.stderr.isTTY === true

/**
 * @template T
 * @param {string} what  "npm packages"
 * @param {(say: (detail: string) => void) => Promise<T>} body
 * @returns {Promise<T>}
 */
export const step = async (what, body) => {
  const begun = Date.now()
  const label = what.padEnd(34)
  const show = (/** @type {string} */ text) => {
    if (interactive) process.stderr.write(`\r\x1b[K  ${label} ${text.slice(0, 80)}`)
  }
  show('…')
  try {
    const result = await body(show)
    const seconds = ((Date.now() - begun) / 1000).toFixed(1)
    process.stderr.write(`${interactive ? '\r\x1b[K' : ''}  ${label} done (${seconds} s)\n`)
    return result
  } catch (error) {
    if (interactive) process.stderr.write('\r\x1b[K')
    throw error
  }
}
