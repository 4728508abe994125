import assert from 'node:assert/strict'
import { test } from 'node:test'
import { controlGroupsOf, takeCensus } from '../harness/census.ts'
import { TestEngine } from '../harness/engine.ts'
import { eventually } from '../harness/patience.ts'
import { isLong } from '../harness/place.ts'
import { countTo } from '../harness/progress.ts'
import { openScratch } from '../harness/scratch.ts'

const lives = isLong ? 200 : 32
const atOnce = 4

const post = async (engine: TestEngine, path: string, body?: object): Promise<string> => {
  const answer = await engine.ask(path, { method: 'POST', ...(body ? { body: JSON.stringify(body) } : {}) })
  assert.ok(answer.status < 300, `${path}: ${answer.status} ${answer.message}`)
  return answer.text
}

const create = async (engine: TestEngine, body: object): Promise<string> =>
  (JSON.parse(await post(engine, '/containers/create', { Image: 'busybox', ...body })) as { Id: string }).Id

const remove = async (engine: TestEngine, id: string): Promise<void> => {
  const { status, message } = await engine.ask(`/containers/${id}?force=1&v=1`, { method: 'DELETE' })
  assert.equal(status, 204, message)
}

const start = (engine: TestEngine, id: string) => post(engine, `/containers/${id}/start`)
const wait = (engine: TestEngine, id: string) => post(engine, `/containers/${id}/wait`)
const sleeping = { Cmd: ['sleep', '1000'], StopSignal: 'SIGKILL' }

/** A life each; gives the container's id. */
const livesOf: readonly ((engine: TestEngine) => Promise<string>)[] = [
  async function endsByItself(engine) {
    const id = await create(engine, { Cmd: ['echo', 'hello'] })
    await start(engine, id)
    await wait(engine, id)
    await remove(engine, id)
    return id
  },
  async function isRemovedWhileItRuns(engine) {
    const id = await create(engine, { ...sleeping, HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '' }] } } })
    await start(engine, id)
    await remove(engine, id)
    return id
  },
  async function runsExecs(engine) {
    const id = await create(engine, { ...sleeping, OpenStdin: true, HostConfig: { NetworkMode: 'none' } })
    await start(engine, id)
    for (const Cmd of [['true'], ['nothing-of-this-name']]) {
      const { Id } = JSON.parse(await post(engine, `/containers/${id}/exec`, { Cmd })) as { Id: string }
      await engine.ask(`/exec/${Id}/start`, { method: 'POST', body: JSON.stringify({ Detach: true }) })
    }
    await post(engine, `/containers/${id}/stop`)
    await remove(engine, id)
    return id
  },
  async function cannotBeStarted(engine) {
    const id = await create(engine, { Cmd: ['nothing-of-this-name'] })
    const { status } = await engine.ask(`/containers/${id}/start`, { method: 'POST' })
    assert.equal(status, 400)
    await remove(engine, id)
    return id
  },
  async function hasVolumesAndATerminal(engine) {
    const mounts = { Volumes: { '/data': {} }, HostConfig: { Tmpfs: { '/scratch': '' } } }
    const id = await create(engine, { Cmd: ['touch', '/data/file', '/scratch/file'], Tty: true, ...mounts })
    await start(engine, id)
    await wait(engine, id)
    await remove(engine, id)
    return id
  },
  async function isPausedAndKilled(engine) {
    const id = await create(engine, sleeping)
    await start(engine, id)
    await post(engine, `/containers/${id}/pause`)
    await remove(engine, id)
    return id
  },
  async function isKilledFromOutside(engine) {
    const id = await create(engine, sleeping)
    await start(engine, id)
    const { text } = await engine.ask(`/containers/${id}/json`)
    process.kill((JSON.parse(text) as { State: { Pid: number } }).State.Pid, 'SIGKILL')
    assert.equal(JSON.parse(await wait(engine, id)).StatusCode, 137)
    await remove(engine, id)
    return id
  },
]

/** Runs so many lives, a few at once, and gives the ids. */
const live = async (engine: TestEngine, count: number): Promise<readonly string[]> => {
  const lived = countTo(count, 'lives')
  const ids: string[] = []
  let begun = 0
  const one = async (): Promise<void> => {
    while (begun < count) {
      const body = livesOf[begun % livesOf.length]
      begun += 1
      if (body) ids.push(await body(engine))
      lived()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, one))
  return ids
}

test(`${lives} lives of containers leave nothing behind`, async () => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  // What is made once, and what is kept ready, is there then.
  await live(engine, livesOf.length)
  const isReady = async () => {
    const census = await takeCensus(engine)
    return census.shims === 1 && census.bundles === 0 && census
  }
  const before = await eventually('only the spare shim is there', isReady, 60_000)
  const ids = await live(engine, lives)
  // Threads that had nothing to do have ended, and with them descriptors: fewer may be left.
  const assertSame = async (wanted: typeof before): Promise<void> => {
    const { descriptors, ...now } = await takeCensus(engine)
    assert.deepEqual({ ...now, descriptors: Math.max(descriptors, wanted.descriptors) }, wanted)
  }
  const same = async (): Promise<boolean> => {
    try {
      await assertSame(before)
      return true
    } catch {
      return false
    }
  }
  await eventually('all is as it was', same, 60_000).catch(() => assertSame(before))
  assert.deepEqual(await controlGroupsOf(ids), [])
})
