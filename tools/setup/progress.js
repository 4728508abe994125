/**
 * Says what is being done: one line a step. On a terminal the line is written over while the step goes on; otherwise (CI,
 * a file) it begins with the step, and ends with it.
 */

const interactive = process.stderr.isTTY === true
const labelWidth = 36
/** Programs print faster than anybody reads. */
const redrawMs = 100

/** What a program printed, as a part of one line: no colours, no movements of the cursor.
 * @param {string} text @param {number} width
 */
export const fit = (text, width) => {
  const plain = text.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '').replace(/[\x00-\x1f\x7f]+/g, ' ')
  return plain.length <= width ? plain : `${plain.slice(0, Math.max(0, width - 1))}…`
}

/** For reading, not for measuring: "0.8 s", "12 s", "1 min 14 s".
 * @param {number} milliseconds
 */
export const duration = (milliseconds) => {
  const tenths = Math.round(milliseconds / 100)
  if (tenths < 100) return `${(tenths / 10).toFixed(1)} s`
  const seconds = Math.round(milliseconds / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/**
 * @template T
 * @param {string} what  "npm packages"
 * @param {(say: (detail: string) => void) => Promise<T>} body  `say` shows the newest line of what it does
 * @returns {Promise<T>}
 */
export const step = async (what, body) => {
  const begun = Date.now()
  const label = fit(what, labelWidth).padEnd(labelWidth)
  let detail = ''
  const draw = () => {
    const elapsed = duration(Date.now() - begun).replace(/\.\d/, '')
    const room = (process.stderr.columns || 80) - labelWidth - elapsed.length - 6
    process.stderr.write(`\r\x1b[K  ${label} ${elapsed}  ${fit(detail, room)}`)
  }
  const timer = interactive ? setInterval(draw, redrawMs) : undefined
  if (!interactive) process.stderr.write(`  ${label}`)
  const finish = (/** @type {string} */ text) => {
    clearInterval(timer)
    process.stderr.write(interactive ? `\r\x1b[K  ${label} ${text}\n` : ` ${text}\n`)
  }
  try {
    const result = await body((line) => {
      detail = line
    })
    finish(`done in ${duration(Date.now() - begun)}`)
    return result
  } catch (error) {
    finish('failed')
    throw error
  }
}
