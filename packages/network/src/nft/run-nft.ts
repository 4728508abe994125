import { SlipwayError } from '@slipway/core'
import { runProgram } from './run-program.ts'

/** not-found: something that was named is not there (any more). */
const failure = (stderr: string): SlipwayError => {
  const code = stderr.includes('No such file or directory') ? 'not-found' : 'internal'
  return new SlipwayError(code, `nft failed: ${stderr.trim().slice(0, 2000)}`)
}

/**
 * Runs a script as one transaction: all of it, or nothing (nft(8)). About 8 ms. Throws internal or not-found with nft's words.
 */
export const runNft = async (script: string): Promise<void> => {
  const { exitCode, stderr } = await runProgram('nft', ['-f', '-'], script)
  if (exitCode !== 0) throw failure(stderr)
}

/** `nft -j …`, parsed: libnftables-json(5). */
export const askNft = async (...args: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const { exitCode, stdout, stderr } = await runProgram('nft', ['-j', ...args])
  if (exitCode !== 0) throw failure(stderr)
  const { nftables } = JSON.parse(stdout) as { nftables: readonly Readonly<Record<string, unknown>>[] }
  return nftables
}
