import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { BuildEvent, BuildRequest } from '../worker.ts'

/** A build context in a temporary directory. */
export const makeContext = (files: Readonly<Record<string, string>>): Disposable & { readonly path: string } => {
  const path = mkdtempSync(join(tmpdir(), 'slipway-context-'))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), content)
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

export interface RecordedRequest {
  readonly request: BuildRequest
  readonly events: readonly BuildEvent[]
  /** What the steps printed. */
  output(): string
  /** The numbers of the steps that came from the cache. */
  cached(): readonly number[]
}

/** A request with everything that a test doesn't care about filled in, and what happened during it. */
export const recordedRequest = (
  asked: Pick<BuildRequest, 'dockerfile'> & Omit<Partial<BuildRequest>, 'context'> & { readonly context: string },
): RecordedRequest => {
  const events: BuildEvent[] = []
  const request: BuildRequest = {
    tags: [],
    buildArgs: {},
    labels: {},
    noCache: false,
    pull: false,
    networkMode: 'default',
    extraHosts: [],
    resources: {},
    saveSteps: true,
    onEvent: (event) => void events.push(event),
    signal: new AbortController().signal,
    ...asked,
    context: { kind: 'directory', path: asked.context },
  }
  return {
    request,
    events,
    output: () => events.map((event) => (event.kind === 'output' ? Buffer.from(event.bytes).toString() : '')).join(''),
    cached: () => events.flatMap((event) => (event.kind === 'finished' && event.cached ? [event.step] : [])),
  }
}
