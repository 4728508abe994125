/** The keeper's process: see `Keeper`. Its arguments: the socket's path, and the version that it is. */
import { writeFile } from 'node:fs/promises'
import { jsonLogger } from '@slipway/core'
import { warmThreadPool } from '@slipway/linux'
import { serveKeeper } from './serve.ts'

const [socket = '', version = ''] = process.argv.slice(2)
// The terminal or the service manager that ends the daemon doesn't mean us.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => {})
await warmThreadPool()
// As the shims do: what all containers' ports and names hang on goes last when memory runs out.
await writeFile('/proc/self/oom_score_adj', '-998').catch(() => {})
await serveKeeper({ socket, version, logger: jsonLogger((line) => process.stderr.write(line)) })
process.exit(0)
