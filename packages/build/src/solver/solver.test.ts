import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { chainIdOf, type Digest, digestOf, type Snapshotter } from '@slipway/core'
import { openSqlite } from '@slipway/database'
import { CopySnapshotter, FsContentStore, InProcessLeases } from '@slipway/store'
import { type Edge, edge, type Op, type Result } from '../graph/vertex.ts'
import { keyOf } from '../ops/identity.ts'
import { localSource, scratch } from '../ops/source.ts'
import { buildMigrations } from './migrations.ts'
import { Solver } from './solver.ts'

/** A solver on real snapshots that need no root, and on a database in memory. */
const openSolver = async () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-solver-'))
  const cache = await openSqlite(':memory:')
  await cache.migrate(buildMigrations)
  const snapshots = await CopySnapshotter.open(join(directory, 'snapshots'))
  const refuse = (): never => assert.fail('the solver itself runs, resolves and connects nothing')
  const solver = new Solver({
    cache,
    snapshots,
    leases: new InProcessLeases(),
    content: await FsContentStore.open(join(directory, 'content')),
    runtime: { run: refuse, cleanup: refuse },
    images: { resolve: refuse, save: refuse, tag: refuse },
    networks: { attach: refuse },
    scratch: directory,
  })
  return {
    solver,
    snapshots,
    async [Symbol.asyncDispose]() {
      await cache[Symbol.asyncDispose]()
      await snapshots[Symbol.asyncDispose]()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

interface Making {
  readonly snapshots: Snapshotter
  /** The names of the ops that were done, in the order of their ends. */
  readonly done: string[]
}

interface Step {
  readonly name: string
  /** What the layer holds; the name, when nothing is said. */
  readonly layer?: string
  /** What it waits for once it has said its name. */
  readonly until?: Promise<unknown>
  readonly fails?: boolean
  readonly content?: string
}

const rejectsOnAbort = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
  })

/** An op that adds an empty layer with a diffID of its own. */
const stepOp = ({ snapshots, done }: Making, step: Step): Op => ({
  kind: 'exec',
  cacheKey: (inputs) => (inputs.includes(undefined) ? undefined : keyOf('test', step.name, inputs)),
  ...(step.content === undefined
    ? {}
    : { contentKey: async () => ({ key: keyOf('content', step.content), parts: { content: step.content ?? '' } }) }),
  async run([base], { signal, onOutput }) {
    await onOutput('stdout', Buffer.from(step.name))
    signal.throwIfAborted()
    await Promise.race([step.until, rejectsOnAbort(signal)])
    if (step.fails) throw new Error(`${step.name} failed`)
    const below = base?.kind === 'layers' ? base.layers : []
    const layers = [...below, digestOf(step.layer ?? step.name)]
    const key = `${step.name}-${Math.random()}`
    await snapshots.prepare(key, chainIdOf(below))
    await snapshots.commit(key, chainIdOf(layers) as Digest)
    done.push(step.name)
    return [{ kind: 'layers', layers }] satisfies Result[]
  },
})

const stepOn = (making: Making, step: Step, ...inputs: readonly Edge[]): Edge =>
  edge({ name: step.name, op: stepOp(making, step), inputs })

const gate = () => Promise.withResolvers<void>()

/** Solves in a session of its own, which ends with its first failure; returns whether it was cached, and what was said. */
const solve = async (
  solver: Solver,
  { vertex }: Edge,
  { noCache = false, signal = new AbortController().signal, onOutput = (): void => {} } = {},
) => {
  const said: string[] = []
  const failure = new AbortController()
  const observer = {
    onStarted() {},
    onRunning() {},
    onFinished(_: unknown, { error }: { readonly error?: unknown }) {
      if (error !== undefined) failure.abort(error)
    },
    onOutput(_: unknown, __: unknown, bytes: Uint8Array) {
      said.push(String(bytes))
      onOutput()
    },
  }
  await using session = solver.session({ noCache, signal: AbortSignal.any([signal, failure.signal]), observer })
  const { cached, results } = await session.solve(vertex)
  return { cached, results, said }
}

test('a vertex is done once, and then found by its definition', async () => {
  await using made = await openSolver()
  const making = { snapshots: made.snapshots, done: [] }
  const graph = () => stepOn(making, { name: 'two' }, stepOn(making, { name: 'one' }, scratch))
  assert.equal((await solve(made.solver, graph())).cached, false)
  assert.equal((await solve(made.solver, graph())).cached, true)
  assert.deepEqual(making.done, ['one', 'two'])
})

test('what stands on a changed vertex is done again, unless the change made no difference', async () => {
  await using made = await openSolver()
  const making: Making = { snapshots: made.snapshots, done: [] }
  const graph = (name: string, layer: string) =>
    stepOn(making, { name: 'top' }, stepOn(making, { name, layer }, scratch))
  await solve(made.solver, graph('a', 'x'))
  assert.equal((await solve(made.solver, graph('b', 'y'))).cached, false)
  assert.equal((await solve(made.solver, graph('c', 'x'))).cached, true)
  assert.deepEqual(making.done, ['a', 'top', 'b', 'top', 'c'])
})

test('what no definition tells is found by its content', async () => {
  await using made = await openSolver()
  const making: Making = { snapshots: made.snapshots, done: [] }
  const context = localSource({ kind: 'directory', path: '/nowhere' }, [])
  const graph = (content: string) => stepOn(making, { name: 'copy', content }, scratch, context)
  assert.equal((await solve(made.solver, graph('a'))).cached, false)
  assert.equal((await solve(made.solver, graph('a'))).cached, true)
  assert.equal((await solve(made.solver, graph('b'))).cached, false)
})

test('without the cache everything is done, and remembered', async () => {
  await using made = await openSolver()
  const making: Making = { snapshots: made.snapshots, done: [] }
  const graph = (layer: string) => stepOn(making, { name: 'one', layer }, scratch)
  await solve(made.solver, graph('old'))
  await solve(made.solver, graph('new'), { noCache: true })
  const { cached, results } = await solve(made.solver, graph('old'))
  assert.equal(cached, true)
  assert.deepEqual(results, [{ kind: 'layers', layers: [digestOf('new')] }])
})

test('a remembered step whose layer is gone is done again', async () => {
  await using made = await openSolver()
  const making: Making = { snapshots: made.snapshots, done: [] }
  const graph = () => stepOn(making, { name: 'one' }, scratch)
  await solve(made.solver, graph())
  await made.snapshots.remove(digestOf('one'))
  assert.equal((await solve(made.solver, graph())).cached, false)
  assert.equal((await solve(made.solver, graph())).cached, true)
})

test('equal work of two builds at once is done once, and both hear of it', async () => {
  await using made = await openSolver()
  const making: Making = { snapshots: made.snapshots, done: [] }
  const [end, heard, heardToo] = [gate(), gate(), gate()]
  const graph = () => stepOn(making, { name: 'slow', until: end.promise }, scratch)
  const first = solve(made.solver, graph(), { onOutput: heard.resolve })
  await heard.promise
  const second = solve(made.solver, graph(), { onOutput: heardToo.resolve })
  await heardToo.promise
  end.resolve()
  const [one, two] = await Promise.all([first, second])
  assert.deepEqual(making.done, ['slow'])
  assert.deepEqual([one.said, two.said], [['slow'], ['slow']])
})

test('work goes on while one build wants it, and stops when none does', async () => {
  await using made = await openSolver()
  const making: Making = { snapshots: made.snapshots, done: [] }
  const [end, heard, heardToo, heardAlone] = [gate(), gate(), gate(), gate()]
  const graph = () => stepOn(making, { name: 'slow', until: end.promise }, scratch)
  const [leaving, staying] = [new AbortController(), new AbortController()]
  const left = solve(made.solver, graph(), { signal: leaving.signal, onOutput: heard.resolve })
  const stayed = solve(made.solver, graph(), { signal: staying.signal, onOutput: heardToo.resolve })
  await Promise.all([heard.promise, heardToo.promise])
  leaving.abort()
  await assert.rejects(left)
  end.resolve()
  assert.equal((await stayed).cached, false)
  assert.deepEqual(making.done, ['slow'])

  const alone = new AbortController()
  const never = stepOn(making, { name: 'never', until: gate().promise }, scratch)
  const other = solve(made.solver, never, { signal: alone.signal, onOutput: heardAlone.resolve })
  await heardAlone.promise
  alone.abort()
  await assert.rejects(other)
  assert.deepEqual(making.done, ['slow'])
})

test('independent vertices are solved at the same time, and a finished one outlives the failure of its neighbour', async () => {
  await using made = await openSolver()
  const making: Making = { snapshots: made.snapshots, done: [] }
  const good = () => stepOn(making, { name: 'good' }, scratch)
  // What stands on it begins when it is over, whatever that takes.
  const nextBegan = gate()
  const next = stepOn(making, { name: 'next', until: gate().promise }, good())
  const bad = stepOn(making, { name: 'bad', until: nextBegan.promise, fails: true }, scratch)
  const onOutput = (): void => {
    if (making.done.includes('good')) nextBegan.resolve()
  }
  await assert.rejects(solve(made.solver, stepOn(making, { name: 'top' }, next, bad), { onOutput }), /bad failed/)
  assert.deepEqual(making.done, ['good'])
  assert.equal((await solve(made.solver, good())).cached, true)
})

test('processes that wait for one another all run, however few processors there are', async () => {
  await using made = await openSolver()
  const making: Making = { snapshots: made.snapshots, done: [] }
  const count = availableParallelism() + 3
  let begun = 0
  const all = gate()
  const onOutput = (): void => {
    begun += 1
    if (begun === count) all.resolve()
  }
  const steps = Array.from({ length: count }, (_, at) =>
    stepOn(making, { name: `step ${at}`, until: all.promise }, scratch),
  )
  await solve(made.solver, stepOn(making, { name: 'top' }, ...steps), { onOutput })
  assert.equal(making.done.length, count + 1)
})

test('what a build uses is held until it ends', async () => {
  await using made = await openSolver()
  const making: Making = { snapshots: made.snapshots, done: [] }
  const held = { kind: 'snapshot', name: digestOf('one') } as const
  const { leases } = made.solver.worker
  await solve(made.solver, stepOn(making, { name: 'one' }, scratch))
  const observer = { onStarted() {}, onRunning() {}, onOutput() {} }
  const options = { noCache: false, signal: new AbortController().signal, observer }
  await using session = made.solver.session(options)
  assert.equal(leases.isHeld(held), false)
  await session.solve(stepOn(making, { name: 'one' }, scratch).vertex)
  assert.equal(leases.isHeld(held), true)
})
