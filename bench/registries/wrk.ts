import { mediaTypes } from '@slipway/core'
import { run } from '../run.ts'

export const connections = 32
export const seconds = 2

/**
 * Answers a second to so many connections that ask for one manifest again and again, or for what a script of wrk's says.
 * Rejects when one of them was a refusal.
 */
export const requestRate = async (url: string, script?: string): Promise<number> => {
  const load = ['--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`]
  const accept = ['--header', `Accept: ${mediaTypes.ociManifest}`]
  const report = await run(['wrk', ...load, ...accept, ...(script === undefined ? [] : ['--script', script]), url])
  const [, rate] = /^Requests\/sec:\s+([\d.]+)$/m.exec(report) ?? []
  if (rate === undefined || /Non-2xx|Socket errors/.test(report)) throw new Error(`wrk ${url}: ${report}`)
  return Number(rate)
}
