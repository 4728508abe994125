import { SlipwayError } from '@slipway/core'
import { runProgram } from './run-program.ts'

/** Runs a script as one transaction: all of it, or nothing (nft(8)). About 8 ms. Throws internal with nft's words. */
export const runNft = async (script: string): Promise<void> => {
  const { exitCode, stderr } = await runProgram('nft', ['-f', '-'], script)
  if (exitCode !== 0) throw new SlipwayError('internal', `nft failed: ${stderr.trim().slice(0, 2000)}`)
}

/** `nft -j …`, parsed: libnftables-json(5). */
export const askNft = async (...args: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const { exitCode, stdout, stderr } = await runProgram('nft', ['-j', ...args])
  if (exitCode !== 0) throw new SlipwayError('internal', `nft failed: ${stderr.trim().slice(0, 2000)}`)
  const { nftables } = JSON.parse(stdout) as { nftables: readonly Readonly<Record<string, unknown>>[] }
  return nftables
}
