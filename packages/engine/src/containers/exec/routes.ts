import { hijack, type Route, readJson, sendEmpty, sendJson } from '@slipway/http'
import { detachKeysOf, streamTypeOf } from '../attach.ts'
import { joinStreams } from '../attach-client.ts'
import { terminalSize } from '../resize.ts'
import { type ContainerRoom, publishContainerEvent } from '../room.ts'
import { execCreateBody, execStartBody } from './body.ts'
import { createExec, findExec, inspectExec } from './records.ts'
import { assertStartable, startExec } from './start.ts'

interface Deps {
  readonly containers: ContainerRoom
}

/** A resize may come before the start has gone through: docker waits as long. */
const resizePatience = 10_000
const resizeInterval = 20

export const execRoutes: readonly Route<Deps>[] = [
  {
    method: 'POST',
    path: '/containers/{id}/exec',
    handle: async (request, response, { containers }) => {
      const body = await readJson(request, execCreateBody)
      const { id } = createExec(containers, request.params['id'] ?? '', body)
      sendJson(response, 201, { Id: id })
    },
  },
  {
    method: 'POST',
    path: '/exec/{id}/start',
    hijack: true,
    handle: async (request, response, { containers }) => {
      const body = (await readJson(request, execStartBody)) ?? {}
      const exec = findExec(containers, request.params['id'] ?? '')
      const consoleSize = body.ConsoleSize ?? null
      if (body.Detach) {
        await startExec(containers, exec, { consoleSize })
        sendEmpty(response, 200)
        return
      }
      const { AttachStdin = false, AttachStdout = false, AttachStderr = false, Tty = false, DetachKeys } = exec.body
      assertStartable(containers, exec)
      const detachKeys = detachKeysOf(DetachKeys)
      // The answer's head comes before the process runs, so a command that can't be run is told in the stream.
      const socket = hijack(request, response, { contentType: streamTypeOf(Tty, request.version) })
      const joined = joinStreams(socket, exec.streams, {
        stdin: AttachStdin,
        stdout: AttachStdout,
        stderr: AttachStderr,
        terminal: Tty,
        framed: !Tty,
        closeStdin: true,
        detachKeys,
      })
      // What went wrong has been told in the stream.
      await startExec(containers, exec, { consoleSize }).catch(() => socket.end())
      const { detached } = await joined
      const container = containers.records.get(exec.containerId)
      if (detached && container) publishContainerEvent(containers, container, 'exec_detach', { execID: exec.id })
    },
  },
  {
    method: 'POST',
    path: '/exec/{id}/resize',
    handle: async ({ params, query, signal }, response, { containers }) => {
      const size = terminalSize(query)
      const exec = findExec(containers, params['id'] ?? '')
      const deadline = Date.now() + resizePatience
      while (exec.process === undefined && exec.exitCode === undefined && Date.now() < deadline && !signal.aborted) {
        await new Promise((resolve) => setTimeout(resolve, resizeInterval))
      }
      if (size) await exec.process?.resize(size)
      sendEmpty(response, 200)
    },
  },
  {
    method: 'GET',
    path: '/exec/{id}/json',
    handle: async ({ params }, response, { containers }) => {
      sendJson(response, 200, inspectExec(findExec(containers, params['id'] ?? '')))
    },
  },
]
