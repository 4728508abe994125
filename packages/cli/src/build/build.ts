import { askFrontend, followStatus, type GrpcClient, solve } from '@slipway/buildkit/client'
import { explainBuild } from '@slipway/client'
import type { Session } from '../command.ts'
import { Exit } from '../exit.ts'
import { warnLine } from '../terminal/console.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import type { Call } from './call/call.ts'
import { newName, openBuildKit, openSession } from './connection.ts'
import { type FollowOptions, followBuild, readMode } from './display/follow.ts'
import type { BuildFlags } from './flags.ts'
import { failed, failedImageOf, writeOutcome } from './outcome.ts'
import { type BuildRequest, readRequest, withHostGateway } from './request.ts'

/** What happened last may come after the answer; it isn't waited for any longer, in milliseconds. */
const patience = 3000

const followOptions = ({ progress = 'auto', quiet }: BuildFlags, { console, env }: Session): FollowOptions => {
  const mode = readMode(progress)
  if (quiet && mode !== 'auto' && mode !== 'quiet') {
    throw new Exit(1, `ERROR: progress=${mode} and quiet cannot be used together`)
  }
  return { mode: quiet ? 'quiet' : mode, output: console.stderr, colours: !env['NO_COLOR'] }
}

interface Parts {
  readonly flags: BuildFlags
  readonly session: Session
  readonly request: BuildRequest
  readonly buildkit: GrpcClient
  /** The session's name. */
  readonly sessionId: string
  readonly signal: AbortSignal
}

/** Shows what happens in `ref` while `work` goes on, and then what was found in the Dockerfile. */
const whileShown = async <T>(ref: string, { flags, session, buildkit }: Parts, work: Promise<T>): Promise<T> => {
  const over = new AbortController()
  const options = followOptions(flags, session)
  const shown = followBuild(followStatus(buildkit, ref, over.signal), options)
  const settled = await Promise.allSettled([work])
  const timer = setTimeout(() => over.abort(), patience)
  const trace = await shown
  clearTimeout(timer)
  const isTold = options.mode !== 'quiet' && options.mode !== 'none' && options.mode !== 'rawjson'
  const colours = options.colours && options.output.isTTY === true
  if (isTold && trace.warnings.length > 0) {
    const { showWarnings } = await import('./warnings.ts')
    options.output.write(showWarnings(trace.warnings, { debug: flags.debug, colours }))
  }
  if (settled[0].status === 'rejected') throw settled[0].reason
  return settled[0].value
}

const build = async (parts: Parts): Promise<number> => {
  const { flags, session, request, buildkit, sessionId, signal } = parts
  const ref = newName()
  const exporters = request.outputs.map(({ type, attrs }) => ({ type, attrs }))
  const asked = {
    ref,
    session: sessionId,
    frontend: 'dockerfile.v0',
    frontendAttrs: await withHostGateway(request.options, buildkit, signal),
    entitlements: request.entitlements,
    exporters,
    ...(request.caches.length === 0 ? {} : { cache: { exports: request.caches.map(cacheEntry) } }),
  }
  const explain = async (): Promise<void> => {
    if (!flags.explain) return
    const { showExplained } = await import('./explained.ts')
    const { Steps } = await explainBuild(await session.client(), ref)
    showExplained(Steps, session.console)
  }
  try {
    const response = await whileShown(ref, parts, solve(buildkit, asked, signal))
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
  const { session, request, buildkit, sessionId, signal } = parts
  const ref = newName()
  const options = new Map([
    ...request.options,
    ['requestid', `frontend.${call.name}`],
    ['frontend.caps', 'moby.buildkit.frontend.subrequests'],
  ])
  try {
    const asked = askFrontend(buildkit, { ref, session: sessionId, options }, signal)
    const answer = await whileShown(ref, { ...parts, flags: { ...parts.flags, quiet: parts.flags.quiet } }, asked)
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
