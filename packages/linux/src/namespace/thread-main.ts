/**
 * The network thread. It alone goes into other network namespaces, and is back before it does anything asynchronous:
 * libuv's pool threads and child processes would take the namespace with them.
 */
import { parentPort } from 'node:worker_threads'
import { networkTasks, type TaskAnswer, type TaskFailure, type TaskRequest } from './tasks.ts'

const answer = async ({ id, name, input }: TaskRequest): Promise<TaskAnswer> => {
  try {
    const task = networkTasks[name] as (input: unknown) => unknown
    return { id, output: await task(input) }
  } catch (error) {
    return { id, failure: describe(error) }
  }
}

const describe = (error: unknown): TaskFailure =>
  error instanceof Error
    ? { message: error.message, properties: { ...error, name: error.name } }
    : { message: String(error), properties: {} }

const underWay = new Set<Promise<void>>()

const serve = async (request: TaskRequest): Promise<void> => {
  const answered = answer(request).then((message) => parentPort?.postMessage(message))
  underWay.add(answered)
  await answered
  underWay.delete(answered)
}

const close = async (): Promise<void> => {
  await Promise.all(underWay)
  parentPort?.close()
}

parentPort?.on('message', (request: TaskRequest | 'close') => (request === 'close' ? close() : serve(request)))

// Everything is loaded: the first task need not wait for that.
parentPort?.postMessage('ready')
