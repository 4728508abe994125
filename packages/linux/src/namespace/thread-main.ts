/**
 * The network thread. It alone goes into other network namespaces, and does nothing asynchronous: libuv's pool threads
 * and child processes would take the namespace with them.
 */
import { parentPort } from 'node:worker_threads'
import { networkTasks, type TaskAnswer, type TaskFailure, type TaskRequest } from './tasks.ts'

const answer = ({ id, name, input }: TaskRequest): TaskAnswer => {
  try {
    const task = networkTasks[name] as (input: unknown) => unknown
    return { id, output: task(input) }
  } catch (error) {
    return { id, failure: describe(error) }
  }
}

const describe = (error: unknown): TaskFailure =>
  error instanceof Error
    ? { message: error.message, properties: { ...error, name: error.name } }
    : { message: String(error), properties: {} }

parentPort?.on('message', (request: TaskRequest | 'close') => {
  if (request === 'close') parentPort?.close()
  else parentPort?.postMessage(answer(request))
})

// Everything is loaded: the first task need not wait for that.
parentPort?.postMessage('ready')
