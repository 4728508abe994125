import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Compose } from '../harness/compose.ts'
import { TestEngine } from '../harness/engine.ts'
import { pageAt } from '../harness/page.ts'
import { eventually } from '../harness/patience.ts'
import { root } from '../harness/place.ts'
import { freePort } from '../harness/port.ts'
import { openScratch, type Scratch } from '../harness/scratch.ts'

interface Stage {
  readonly engine: TestEngine
  readonly scratch: Scratch
}

const example = (stage: Stage, name: string, environment: NodeJS.ProcessEnv = {}): Promise<Compose> =>
  Compose.open({ ...stage, directory: join(root, 'examples', name), environment })

const runGuestbook = async (t: TestContext, stage: Stage): Promise<void> => {
  const port = await freePort()
  await using compose = await example(stage, 'guestbook', { GUESTBOOK_PORT: String(port) })
  const url = `http://127.0.0.1:${port}`
  const entries = async () => JSON.parse(await pageAt(`${url}/entries`))

  await t.test('up --build --wait brings up four services that depend on each other', async () => {
    await compose.ok(['up', '--build', '--wait'])
    const services = await compose.ok(['ps', '--format', '{{.Service}} {{.State}} {{.Health}}'])
    assert.deepEqual(services.split('\n').toSorted(), [
      'app running healthy',
      'cache running healthy',
      'db running healthy',
      'web running healthy',
    ])
  })

  await t.test('it takes entries and shows them, with secret, config and an internal network', async () => {
    const body = new URLSearchParams({ name: 'Ada', text: 'Hello' })
    const signed = await fetch(`${url}/entries`, { method: 'POST', body })
    assert.equal(signed.status, 201)
    assert.deepEqual(await entries(), { visits: 1, entries: [{ name: 'Ada', text: 'Hello' }] })
    assert.equal(await compose.ok(['exec', '-T', 'app', 'cat', '/run/secrets/database_password']), 'only-an-example')
    // What is only on the internal network has no way out.
    assert.equal(
      await compose.ok(['exec', '-T', 'cache', 'sh', '-c', 'grep -c "^[^I].*00000000.*0003" /proc/net/route || true']),
      '0',
    )
  })

  await t.test('entries outlive down and up, for they are in a volume', async () => {
    await compose.ok(['down'])
    await compose.ok(['up', '--wait'])
    assert.deepEqual(await entries(), { visits: 1, entries: [{ name: 'Ada', text: 'Hello' }] })
  })

  await t.test('down -v takes them away', async () => {
    await compose.ok(['down', '--volumes'])
    assert.equal(await stage.engine.client().ok(['volume', 'ls', '--quiet']), '')
    await compose.ok(['up', '--wait'])
    assert.deepEqual((await entries()).entries, [])
  })
}

const runBalanced = async (t: TestContext, stage: Stage): Promise<void> => {
  const port = await freePort()
  await using compose = await example(stage, 'balanced', { BALANCED_PORT: String(port) })
  /** Asks until so many replicas have answered. */
  const answering = (count: number) => {
    const seen = new Set<string>()
    return eventually(
      `${count} replicas answer`,
      async () => {
        const answer = await pageAt(`http://127.0.0.1:${port}/`)
        if (/^[0-9a-f]{12}\n$/.test(answer)) seen.add(answer.trim())
        return seen.size >= count && seen
      },
      60_000,
    )
  }
  const replicas = async () =>
    new Set((await compose.ok(['ps', '--quiet', 'replica'])).split('\n').map((id) => id.slice(0, 12)))

  await t.test('every replica answers behind the one name of its service', async () => {
    await compose.ok(['up', '--build', '--wait'])
    assert.deepEqual(await answering(3), await replicas())
  })

  await t.test('scaled up, the new ones answer too; scaled down, nobody misses those that went', async () => {
    await compose.ok(['up', '--wait', '--scale', 'replica=5'])
    assert.deepEqual(await answering(5), await replicas())
    await compose.ok(['scale', 'replica=1'])
    const [left] = await replicas()
    await eventually('the last one answers alone', async () => {
      const answers = await Promise.all([1, 2, 3].map(() => pageAt(`http://127.0.0.1:${port}/`)))
      return answers.every((answer) => answer.trim() === left)
    })
  })
}

const runJobs = async (t: TestContext, stage: Stage): Promise<void> => {
  await using compose = await example(stage, 'jobs')
  const results = async () => {
    const query = 'SELECT input, output FROM result ORDER BY input'
    const rows = await compose.ok([
      'exec',
      '-T',
      'database',
      'psql',
      '--tuples-only',
      '--no-align',
      'jobs',
      '-c',
      query,
    ])
    return rows.split('\n')
  }

  await t.test('the migration runs once, and the worker after it', async () => {
    await compose.ok(['up', '--build', '--wait'])
    const services = await compose.ok(['ps', '--all', '--format', '{{.Service}} {{.State}} {{.ExitCode}}'])
    assert.deepEqual(services.split('\n').toSorted(), [
      'database running 0',
      'migrate exited 0',
      'queue running 0',
      'worker running 0',
    ])
  })

  await t.test('what a service of a profile submits, the worker does', async () => {
    await compose.ok(['run', '--rm', '--build', 'submit', '10', '20', '30'])
    await eventually('three jobs are done', async () => (await results()).length === 3)
    assert.deepEqual(await results(), ['10|55', '20|210', '30|465'])
  })

  await t.test('a worker that dies is started again', async () => {
    const id = await compose.ok(['ps', '--quiet', 'worker'])
    const inspect = (format: string) => stage.engine.client().ok(['inspect', '--format', format, id])
    process.kill(Number(await inspect('{{.State.Pid}}')), 'SIGKILL')
    const again = async () => (await inspect('{{.State.Status}} {{.RestartCount}}')) === 'running 1'
    await eventually('it runs again', again)
    await compose.ok(['run', '--rm', 'submit', '4'])
    await eventually('the fourth job is done', async () => (await results()).includes('4|10'), 60_000)
  })
}

test('the examples run with docker compose', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addDebian()
  const stage = { engine, scratch }
  await t.test('guestbook: nginx, a Python application, PostgreSQL and Redis', (t) => runGuestbook(t, stage))
  await t.test('balanced: nginx in front of replicas', (t) => runBalanced(t, stage))
  await t.test('jobs: a queue, a worker, and a migration before it', (t) => runJobs(t, stage))
})
