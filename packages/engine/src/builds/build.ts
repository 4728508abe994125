import type { ServerResponse } from 'node:http'
import {
  type BuildResult,
  type BuildWorker,
  buildDockerfile,
  type FileSource,
  readContextFile,
  readDockerfile,
} from '@slipway/build'
import { invalid, SlipwayError } from '@slipway/core'
import { type ApiRequest, JsonStream } from '@slipway/http'
import { ClassicRenderer } from './classic.ts'
import { receiveContext } from './context.ts'
import { readLogins } from './logins.ts'
import { type BuildQuery, parseBuildQuery } from './query.ts'

const readContextDockerfile = async (context: FileSource, path: string, signal: AbortSignal): Promise<string> => {
  const text = await readContextFile(context, path, signal)
  if (text === undefined) throw invalid(`Cannot locate specified Dockerfile: ${path}`)
  if (text.trim() === '') throw invalid(`the Dockerfile (${path}) cannot be empty`)
  // What is wrong with it is told before the stream begins.
  readDockerfile(text)
  return text
}

const headerOf = ({ raw }: ApiRequest, name: string): string | undefined => {
  const value = raw.headers[name]
  return typeof value === 'string' ? value : undefined
}

interface Building {
  readonly asked: BuildQuery
  readonly context: FileSource
  readonly dockerfile: string
  readonly renderer: ClassicRenderer
}

const build = (request: ApiRequest, worker: BuildWorker, building: Building): Promise<BuildResult> => {
  const { asked, context, dockerfile, renderer } = building
  const { quiet: _, remove: __, dockerfile: dockerfilePath, ...options } = asked
  return buildDockerfile(
    {
      ...options,
      context,
      dockerfile,
      dockerfilePath,
      logins: readLogins(headerOf(request, 'x-registry-config')),
      saveSteps: true,
      onEvent: renderer.handle,
      signal: request.signal,
    },
    worker,
  )
}

/**
 * `POST /build`, the classic builder's door. What is wrong with the request or the Dockerfile is an ordinary error; what goes
 * wrong once a step has begun comes in the stream. A client that goes away ends the build.
 */
export const serveBuild = async (request: ApiRequest, response: ServerResponse, worker: BuildWorker): Promise<void> => {
  const asked = parseBuildQuery(request.query)
  await using context = await receiveContext(request.raw, worker.scratch, request.signal)
  const dockerfile = await readContextDockerfile(context.source, asked.dockerfile, request.signal)
  const stream = new JsonStream(response)
  const renderer = new ClassicRenderer({
    quiet: asked.quiet,
    remove: asked.remove,
    send: (message) => stream.send(message, request.signal),
  })
  try {
    const result = await build(request, worker, { asked, context: context.source, dockerfile, renderer })
    renderer.succeed(result, asked.tags)
  } catch (error) {
    if (request.signal.aborted) throw new SlipwayError('cancelled', 'the client went away', { cause: error })
    if (!stream.isOpen) throw error
    renderer.fail(error)
  }
  stream.end()
}
