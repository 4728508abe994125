import type { ServerResponse } from 'node:http'
import {
  type BuildRequest,
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
import { asContext, fetchElsewhere, keepsGitDir, readElsewhere } from './elsewhere.ts'
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

/** What a build stands on: what came with the request, or what lies at the address in it. */
interface Input extends AsyncDisposable {
  readonly context: BuildRequest['context']
  readonly dockerfile: string
}

const openInput = async (request: ApiRequest, asked: BuildQuery, worker: BuildWorker): Promise<Input> => {
  const { signal } = request
  const { remote, dockerfile: path } = asked
  await using stack = new AsyncDisposableStack()
  if (remote === undefined) {
    const { source } = stack.use(await receiveContext(request.raw, worker.scratch, signal))
    const dockerfile = await readContextDockerfile(source, path, signal)
    const kept = stack.move()
    return { context: source, dockerfile, [Symbol.asyncDispose]: () => kept.disposeAsync() }
  }
  const opened = stack.use(await fetchElsewhere(remote, { worker, signal, keepGitDir: keepsGitDir(asked.buildArgs) }))
  const { text: dockerfile, ignore } = await readElsewhere(opened, path, signal)
  readDockerfile(dockerfile)
  const kept = stack.move()
  return { context: asContext(opened, remote, ignore), dockerfile, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

interface Building {
  readonly asked: BuildQuery
  readonly context: BuildRequest['context']
  readonly dockerfile: string
  readonly renderer: ClassicRenderer
}

const build = (request: ApiRequest, worker: BuildWorker, building: Building): Promise<BuildResult> => {
  const { asked, context, dockerfile, renderer } = building
  const { quiet: _, remove: __, forceRemove: ___, remote: ____, dockerfile: dockerfilePath, ...options } = asked
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
  await using input = await openInput(request, asked, worker)
  const stream = new JsonStream(response)
  const renderer = new ClassicRenderer({
    quiet: asked.quiet,
    remove: asked.remove,
    forceRemove: asked.forceRemove,
    send: (message) => stream.send(message, request.signal),
  })
  try {
    const result = await build(request, worker, { asked, ...input, renderer })
    renderer.succeed(result, asked.tags)
  } catch (error) {
    if (request.signal.aborted) throw new SlipwayError('cancelled', 'the client went away', { cause: error })
    if (!stream.isOpen) throw error
    renderer.fail(error)
  }
  stream.end()
}
