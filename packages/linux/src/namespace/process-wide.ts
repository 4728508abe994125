import { NetworkThread } from './network-thread.ts'

let started: Promise<NetworkThread> | undefined

/** The network thread of this process, started at first use; it ends with the process. */
export const networkThread = (): Promise<NetworkThread> => {
  started ??= NetworkThread.start().catch((error: unknown) => {
    started = undefined
    throw error
  })
  return started
}

/** Makes a network namespace that lives as long as the file `path`, its loopback up. Throws EEXIST if there is one. */
export const createNetns = async (path: string): Promise<void> => (await networkThread()).createNetns(path)

/** Takes the name away; the namespace ends with its last process and socket. One that isn't there is no error. */
export const deleteNetns = async (path: string): Promise<void> => (await networkThread()).deleteNetns(path)
