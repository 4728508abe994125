import { findFirstBinary } from '@slipway/linux'
import { openDockerd } from '../engines/dockerd.ts'
import { Enclosure } from './enclosure.ts'
import { peersPath, setUpPeers } from './root.ts'

export interface Peer extends AsyncDisposable {
  readonly socket: string
  readonly version: string
}

/** The peers' dockerd, running, to be asked what the tests hold ours against. */
export const openPeer = async (): Promise<Peer> => {
  await setUpPeers((line) => console.log(line))
  await using stack = new AsyncDisposableStack()
  const dockerd = stack.use(await openDockerd(stack.use(await Enclosure.open())))
  stack.use(await dockerd.start())
  const running = stack.move()
  return {
    socket: peersPath('run', 'dockerd.sock'),
    version: dockerd.version,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** What their containers are made of. */
export const staticBusybox = (): string => {
  const path = findFirstBinary('busybox-static', 'busybox')
  if (path === undefined) throw new Error('a static busybox is needed')
  return path
}
