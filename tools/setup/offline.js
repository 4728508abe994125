/** How npm, apt and git say that there is no way to the other side. */
const signs = [
  /\b(EAI_AGAIN|ENOTFOUND|ENETUNREACH|EHOSTUNREACH|ECONNREFUSED|ECONNRESET|ETIMEDOUT)\b/,
  /Temporary failure resolving|Could not resolve|Cannot initiate the connection|Could not connect to|Connection timed out/,
  /Network is unreachable|No route to host/,
]

/** Whether a program failed for want of a network.
 * @param {string} output
 */
export const isOffline = (output) => signs.some((sign) => sign.test(output))
