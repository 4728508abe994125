import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, askEngine } from '../harness/api.ts'
import { TestEngine } from '../harness/engine.ts'
import { eventually } from '../harness/patience.ts'
import { isLong } from '../harness/place.ts'
import { isAlive } from '../harness/processes.ts'
import { countTo } from '../harness/progress.ts'
import { openScratch } from '../harness/scratch.ts'

const clients = 8
const duration = isLong ? 240_000 : 12_000
/** The daemon is killed this often, in milliseconds, more or less. */
const killEvery = isLong ? 15_000 : 4000
const containersEach = 4
/** How long an end may take to be seen. */
const patience = 60_000

/**
 * What a client knows of a container from the answers it got. After a request whose answer never came it is what the request
 * may have made of it, or what it was before: then all of these hold.
 */
type Belief = 'absent' | 'created' | 'running' | 'exited'

interface Mine {
  readonly name: string
  belief: ReadonlySet<Belief>
}

interface Step {
  readonly method: 'POST' | 'DELETE'
  readonly path: (name: string) => string
  readonly body?: object
  /** What it makes of each state; what isn't here is refused, and stays. */
  readonly leadsTo: Partial<Record<Belief, Belief>>
  /** What it may leave when the daemon dies in the middle of it. */
  readonly halfway?: Partial<Record<Belief, Belief>>
}

const steps: readonly Step[] = [
  {
    method: 'POST',
    path: (name) => `/containers/create?name=${name}`,
    body: { Image: 'busybox', Cmd: ['sleep', '10000'], HostConfig: { NetworkMode: 'bridge' } },
    leadsTo: { absent: 'created' },
  },
  {
    method: 'POST',
    path: (name) => `/containers/${name}/start`,
    leadsTo: { created: 'running', exited: 'running' },
  },
  { method: 'POST', path: (name) => `/containers/${name}/kill`, leadsTo: { running: 'exited' } },
  { method: 'POST', path: (name) => `/containers/${name}/stop?t=0`, leadsTo: { running: 'exited' } },
  {
    method: 'DELETE',
    path: (name) => `/containers/${name}?force=1`,
    leadsTo: { created: 'absent', running: 'absent', exited: 'absent' },
    halfway: { running: 'exited' },
  },
]

const pick = <T>(from: readonly T[]): T => from[randomInt(from.length)] as T

const ask = async (engine: TestEngine, { method, path, body }: Step, name: string): Promise<Answer | undefined> => {
  const text = body === undefined ? {} : { body: JSON.stringify(body) }
  return askEngine(engine.socket, path(name), { method, ...text }).catch(() => undefined)
}

/** Does one thing to one container, and writes down what is known of it then. */
const act = async (engine: TestEngine, mine: Mine): Promise<void> => {
  const before = [...mine.belief]
  // Mostly something that can be done; sometimes not.
  const sensible = steps.filter(({ leadsTo }) => before.some((belief) => leadsTo[belief] !== undefined))
  const step = randomInt(10) === 0 ? pick(steps) : pick(sensible)
  const after = before.map((belief) => step.leadsTo[belief] ?? belief)
  const answer = await ask(engine, step, mine.name)
  if (answer === undefined) {
    const halfway = before.flatMap((belief) => step.halfway?.[belief] ?? [])
    mine.belief = new Set([...before, ...after, ...halfway])
    // The daemon is away: there is nothing to be done before it is back.
    await sleep(100)
    return
  }
  assert.ok(answer.status < 500, `${step.path(mine.name)}: ${answer.status} ${answer.message}`)
  const done = answer.status < 300
  // A refusal tells that nothing was to be done; which of several states it was in we don't ask.
  const fits = before.filter((belief) => (step.leadsTo[belief] !== undefined) === done)
  assert.ok(fits.length > 0 || !done, `${step.path(mine.name)} was done to one that is ${before.join(' or ')}`)
  assert.ok(fits.length > 0, `${step.path(mine.name)} of one that is ${before.join(' or ')}: ${answer.message}`)
  mine.belief = new Set(fits.map((belief) => (done ? (step.leadsTo[belief] ?? belief) : belief)))
}

interface Found {
  readonly status: Belief
  readonly pid: number
}

const look = async (engine: TestEngine, name: string): Promise<Found> => {
  const { status, text } = await engine.ask(`/containers/${name}/json`)
  if (status === 404) return { status: 'absent', pid: 0 }
  const { State } = JSON.parse(text) as { State: { Status: Belief; Pid: number } }
  return { status: State.Status, pid: State.Pid }
}

test(`${clients} clients for ${duration / 1000} s, the daemon killed now and then: nothing is lost or wrong`, async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const all: Mine[] = []
  let steps = 0
  const over = new AbortController()
  const client = async (number: number): Promise<void> => {
    const own = Array.from({ length: containersEach }, (_, index) => ({
      name: `soak-${number}-${index}`,
      belief: new Set<Belief>(['absent']) as ReadonlySet<Belief>,
    }))
    all.push(...own)
    for (; !over.signal.aborted; steps += 1) await act(engine, pick(own))
  }
  const killing = async (): Promise<number> => {
    const killed = countTo(Math.round(duration / killEvery), 'kills')
    for (let kills = 0; ; kills += 1) {
      await sleep(killEvery * (0.5 + Math.random()), undefined, { signal: over.signal }).catch(() => undefined)
      if (over.signal.aborted) return kills
      await engine.stopDaemon('SIGKILL')
      await engine.start()
      killed()
    }
  }
  const working = Promise.all([killing(), ...Array.from({ length: clients }, (_, number) => client(number))])
  working.catch(() => over.abort())
  await sleep(duration, undefined, { signal: over.signal }).catch(() => undefined)
  over.abort()
  const [kills] = await working
  assert.ok(kills > 0, 'the daemon was never killed')
  t.diagnostic(`${steps} steps, ${kills} kills`)

  for (const { name, belief } of all) {
    const fits = async (): Promise<boolean> => {
      const { status, pid } = await look(engine, name)
      return belief.has(status) && (pid > 0 && isAlive(pid)) === (status === 'running')
    }
    // A kill that was in hand when the daemon died has its effect a moment later.
    await eventually(`${name} is ${[...belief].join(' or ')}`, fits, patience).catch(async (error: unknown) => {
      throw new Error(`it is ${JSON.stringify(await look(engine, name))}`, { cause: error })
    })
  }
})
