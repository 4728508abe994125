import { statSync } from 'node:fs'

const address = /^(https?:\/\/|git:\/\/|ssh:\/\/|github\.com\/|git@|[\w.-]+@[\w.-]+:)/

/**
 * A git repository, or an archive or a Dockerfile in the web: the daemon fetches it, through either door. A directory with a
 * name like that is meant itself, as docker has it.
 */
export const isRemote = (source: string): boolean =>
  address.test(source) && statSync(source, { throwIfNoEntry: false })?.isDirectory() !== true
