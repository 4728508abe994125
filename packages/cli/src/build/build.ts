import { writeFile } from 'node:fs/promises'
import { askFrontend, followStatus, type GrpcClient, readWebFile, solve } from '@slipway/buildkit/client'
import { explainBuild } from '@slipway/client'
import type { Session } from '../command.ts'
import { Exit } from '../exit.ts'
import { warnLine } from '../terminal/console.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import type { Call } from './call/call.ts'
import { newName, openBuildKit, openSession } from './connection.ts'
import { suitRequest } from './engine-features.ts'
import type { BuildFlags } from './flags.ts'
import { failed, failedImageOf, writeOutcome } from './outcome.ts'
import { type BuildRequest, readRequest } from './request.ts'
import { followOptions, inTurn, showWork, type Work } from './work.ts'

interface Parts {
  readonly flags: BuildFlags
  readonly session: Session
  readonly request: BuildRequest
  readonly buildkit: GrpcClient
  /** The session's name. */
  readonly sessionId: string
  readonly signal: AbortSignal
}

/** What happens in the build `ref`, which `done` is the end of. */
const buildWork = <T>({ buildkit }: Parts, ref: string, done: Promise<T>): Work<T> => ({
  done,
  statuses: (over) => followStatus(buildkit, ref, over),
})

/** A Dockerfile in the web is read in a build before the build, whose steps are shown as the first ones. */
const withDockerfile = <T>(parts: Parts, next: () => Work<T>): Work<T> => {
  const { request, buildkit, sessionId, signal } = parts
  const { webDockerfile } = request
  if (webDockerfile === undefined) return next()
  const ref = newName()
  const kept = readWebFile(buildkit, webDockerfile.url, { ref, session: sessionId }, signal).then((bytes) =>
    writeFile(webDockerfile.path, bytes),
  )
  return inTurn(buildWork(parts, ref, kept), next)
}

type Response = ReadonlyMap<string, string>

const withPushes = (parts: Parts, names: readonly string[], built: Work<Response>): Work<Response> => {
  if (names.length === 0) return built
  return inTurn(built, (response) => {
    const { promise: done, resolve, reject } = Promise.withResolvers<Response>()
    return {
      done,
      async *statuses() {
        try {
          const { pushBuilt } = await import('./push.ts')
          const digest = yield* pushBuilt(parts.session, names, parts.signal)
          resolve(digest === undefined ? response : new Map([...response, ['containerimage.digest', digest]]))
        } catch (error) {
          reject(error)
        }
      },
    }
  })
}

const build = async (parts: Parts): Promise<number> => {
  const { flags, session, request, buildkit, sessionId, signal } = parts
  const ref = newName()
  const suited = await suitRequest(request, buildkit, signal)
  const asked = {
    ref,
    session: sessionId,
    frontend: 'dockerfile.v0',
    frontendAttrs: suited.options,
    entitlements: request.entitlements,
    exporters: suited.outputs.map(({ type, attrs }) => ({ type, attrs })),
    ...(request.caches.length === 0 ? {} : { cache: { exports: request.caches.map(cacheEntry) } }),
  }
  const explain = async (): Promise<void> => {
    if (!flags.explain) return
    const { showExplained } = await import('./explained.ts')
    const { Steps } = await explainBuild(await session.client(), ref)
    showExplained(Steps, session.console)
  }
  try {
    const built = withDockerfile(parts, () => buildWork(parts, ref, solve(buildkit, asked, signal)))
    const response = await showWork(withPushes(parts, suited.pushes, built), flags, session)
    for (const { layout } of request.outputs) {
      if (layout !== undefined) await (await import('./layout.ts')).nameInLayout(layout, response)
    }
    await writeOutcome(flags, { response, ref }, session)
  } catch (error) {
    if (!signal.aborted) await explain().catch(() => undefined)
    const why = await failed(error, signal)
    const left = failedImageOf(error)
    if (left === undefined) throw why
    warnLine(session.console, why.message)
    const { lookAround } = await import('./look-around.ts')
    await lookAround(session, left)
    throw new Exit(why.exitCode)
  }
  await explain()
  return 0
}

const cacheEntry = (attrs: ReadonlyMap<string, string>) => ({ type: attrs.get('type') ?? '', attrs })

const ask = async (call: Call, parts: Parts): Promise<number> => {
  const { flags, session, request, buildkit, sessionId, signal } = parts
  const ref = newName()
  const options = new Map([
    ...request.options,
    ['requestid', `frontend.${call.name}`],
    ['frontend.caps', 'moby.buildkit.frontend.subrequests'],
  ])
  const asking = (): Work<ReadonlyMap<string, Uint8Array>> =>
    buildWork(parts, ref, askFrontend(buildkit, { ref, session: sessionId, options }, signal))
  try {
    const answer = await showWork(withDockerfile(parts, asking), flags, session)
    const { showAnswer } = await import('./call/call.ts')
    const { stdout, stderr = '', exitCode } = showAnswer(call, answer, request.dockerfile)
    session.console.stdout.write(stdout)
    session.console.stderr.write(stderr)
    return exitCode
  } catch (error) {
    throw await failed(error, signal)
  }
}

/** undefined: it is to be built. What most never ask is not loaded. */
const readQuestion = async ({ check, call }: BuildFlags): Promise<Call | undefined> => {
  if (!check && (call === undefined || call === 'build')) return undefined
  const { readCall } = await import('./call/call.ts')
  return readCall(check ? 'check' : (call ?? ''))
}

/** `build` through BuildKit's door: as `docker buildx build`. Gives the exit code. Throws Exit. */
export const buildWithBuildKit = async (flags: BuildFlags, source: string, session: Session): Promise<number> => {
  const call = await readQuestion(flags)
  followOptions(flags, session)
  await using request = await readRequest(flags, source, session)
  const client = await session.client()
  using interrupt = onInterrupt()
  const { signal } = interrupt
  const connecting = [openBuildKit(client), openSession(client, request)] as const
  await Promise.allSettled(connecting)
  using buildkit = await connecting[0]
  using opened = await connecting[1]
  const parts = { flags, session, request, buildkit, sessionId: opened.id, signal }
  return call === undefined ? await build(parts) : await ask(call, parts)
}
