import { conflict, SlipwayError } from '@slipway/core'
import { cancelRestart } from './restart-policy.ts'
import type { ContainerRoom } from './room.ts'
import { launch } from './supervise.ts'

/** Starts a container that a person (or a client) asks to start. Throws not-modified when it runs. */
export const startContainer = (room: ContainerRoom, id: string): Promise<void> =>
  room.lock.run(id, async () => {
    const { state } = room.records.find(id)
    switch (state.status) {
      case 'running':
        throw new SlipwayError('not-modified', 'container is already running')
      case 'paused':
        throw conflict('cannot start a paused container, try unpause instead')
      case 'removing':
      case 'dead':
        throw conflict('container is marked for removal and cannot be started')
    }
    cancelRestart(room, id)
    await room.records.setState(id, { restartCount: 0, manuallyStopped: false })
    await launch(room, id)
  })
