import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

/** What a checkpoint came to: nothing, or what SQLite says of its failure. */
export type CheckpointAnswer = { readonly message?: string; readonly errcode?: unknown }

const checkpoint = (path: string): CheckpointAnswer => {
  try {
    using connection = new DatabaseSync(path)
    // It waits for nobody: what is still read stays in the log for the next time.
    connection.exec('PRAGMA wal_checkpoint(PASSIVE)')
    return {}
  } catch (error) {
    const { message, errcode } = Object(error) as { message?: unknown; errcode?: unknown }
    return { message: String(message), errcode }
  }
}

// The thread of Checkpoints: one checkpoint for each message, over a connection of its own.
parentPort?.on('message', () => parentPort?.postMessage(checkpoint(String(workerData))))
