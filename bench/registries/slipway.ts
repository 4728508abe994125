import { join } from 'node:path'

const program = join(import.meta.dirname, '../../bin/slipway')

/** Our own registry, from this checkout, with the defaults its users have: SQLite and files. */
export const slipwayRegistry = (port: number, storage: string): readonly string[] => [
  program,
  'registry',
  `--listen=127.0.0.1:${port}`,
  `--data-root=${storage}`,
]
