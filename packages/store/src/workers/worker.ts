import { parentPort } from 'node:worker_threads'
import { ByteReceiver, ByteSender, toFailure } from './byte-channel.ts'
import type { FromWorker, Job, JobRequest, ToWorker } from './job.ts'
import { jobs } from './jobs.ts'
import { refuseRest } from './port-bytes.ts'

/** Progress is told at this grain, so that it costs no messages. */
const progressStep = 256 * 1024

/** Runs one job, and speaks with its caller until it is done. */
const serve = async (job: Job<unknown, unknown>, { input, port, sourcePort }: JobRequest): Promise<void> => {
  const post = (message: FromWorker): void => port.postMessage(message)
  const aborted = new AbortController()
  const source = sourcePort === undefined ? new ByteReceiver(port, { giveBack: true }) : ByteReceiver.from(sourcePort)
  const sink = new ByteSender(port)
  const stop = (): void => {
    aborted.abort()
    source.fail(aborted.signal.reason)
    sink.fail(aborted.signal.reason)
  }
  port.on('message', (message: ToWorker) => {
    if (message.type === 'abort') stop()
    else if (message.type === 'taken') sink.taken(message.piece)
    else source.receive(message)
  })
  let untold = 0
  const progress = (bytes: number): void => {
    untold += bytes
    if (untold < progressStep) return
    post({ type: 'progress', bytes: untold })
    untold = 0
  }
  try {
    const output = await job(input, { signal: aborted.signal, progress, source, sink })
    if (untold > 0) post({ type: 'progress', bytes: untold })
    post({ type: 'done', output })
  } catch (error) {
    post({ type: 'failed', failure: toFailure(error) })
  } finally {
    if (sourcePort !== undefined) refuseRest(sourcePort)
    port.close()
  }
}

parentPort?.on('message', (request: JobRequest) => {
  const job = (jobs as Readonly<Record<string, Job<never, unknown>>>)[request.kind] as Job<unknown, unknown>
  void serve(job, request)
})
