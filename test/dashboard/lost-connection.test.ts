import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { load } from '../harness/browser.ts'
import type { Client } from '../harness/client.ts'
import { checkCost } from '../harness/page-cost.ts'
import { eventually } from '../harness/patience.ts'
import { openStage, visit } from './stage.ts'

/** A wire between the browser and the dashboard, that can be cut. */
const wireTo = async (address: string) => {
  const { hostname, port } = new URL(address)
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const other = connect(Number(port), hostname)
    for (const one of [socket, other]) {
      sockets.add(one)
      one.on('error', () => undefined)
      one.on('close', () => {
        sockets.delete(one)
        socket.destroy()
        other.destroy()
      })
    }
    socket.pipe(other).pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    [Symbol.asyncDispose]: async () => {
      server.close()
      cut()
    },
  }
}

/** A container that says what it is told to, one line each. Disposing ends it. */
const openTalker = (client: Client, name: string) => {
  const child = client.spawn([
    'run',
    '-i',
    '--name',
    name,
    '--network',
    'none',
    'busybox',
    'sh',
    '-c',
    'while read n; do echo "line $n"; done',
  ])
  const gone = once(child, 'exit')
  child.stdout.resume()
  child.stderr.resume()
  return {
    say: (first: number, last: number): void => {
      for (let number = first; number <= last; number++) child.stdin.write(`${number}\n`)
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      await gone
    },
  }
}

/** What is asked of an element in the page. */
interface Drawn {
  scrollTop: number
  readonly scrollHeight: number
  readonly clientHeight: number
  readonly dataset: Readonly<Record<string, string>>
  readonly textContent: string
  getBoundingClientRect(): { readonly top: number; readonly bottom: number }
  querySelectorAll(selector: string): Iterable<Drawn>
}

interface ShownLine {
  readonly index: number
  readonly number: number
}

/** In the page: scrolls the log to a part of its length, and gives its lines when that is drawn from edge to edge. */
const linesAt = (element: unknown, part: number): readonly ShownLine[] | undefined => {
  const log = element as Drawn
  log.scrollTop = part * (log.scrollHeight - log.clientHeight)
  const frame = log.getBoundingClientRect()
  const lines = [...log.querySelectorAll('.line')]
  const isDrawn = (y: number): boolean =>
    lines.map((line) => line.getBoundingClientRect()).some(({ top, bottom }) => top <= y && y <= bottom)
  if (!isDrawn(frame.top + 15) || !isDrawn(frame.bottom - 15)) return undefined
  return lines.map(({ dataset, textContent }) => ({
    index: Number(dataset['index']),
    number: Number(/line (\d+)/.exec(textContent)?.[1]),
  }))
}

/** The numbers that the log shows, from top to bottom, however long it is. */
const shownNumbers = async (page: Page): Promise<readonly number[]> => {
  const log = page.getByRole('region', { name: 'Logs' })
  const seen = new Map<number, number>()
  for (const part of [0, 0.25, 0.5, 0.75, 1]) {
    const lines = await eventually('the log is drawn', () => log.evaluate(linesAt, part))
    for (const { index, number } of lines) seen.set(index, number)
  }
  return [...seen].sort(([one], [other]) => one - other).map(([, number]) => number)
}

test('the first page is small, and asks for little', async (t) => {
  await using stage = await openStage()
  const { page } = await visit(stage)
  await load(page, () => page.reload())
  await page.getByRole('heading', { level: 1 }).waitFor()
  t.diagnostic(await checkCost(page))
})

test('a log and the events go on behind a connection that was lost, and miss nothing', async () => {
  await using stage = await openStage()
  await using wire = await wireTo(stage.address)
  const { page } = await visit({ ...stage, address: wire.address })
  const client = stage.engine.client('slipway')
  await using talker = openTalker(client, 'talker')
  await page.getByRole('link', { name: 'talker' }).click()
  await page.getByRole('tab', { name: 'Logs' }).click()
  const log = page.getByRole('region', { name: 'Logs' })
  // What is said right after a cut is said while nobody listens.
  for (const last of [20, 40, 60, 80]) {
    talker.say(last - 19, last)
    await log.getByText(`line ${last}`, { exact: true }).waitFor()
    wire.cut()
  }
  talker.say(81, 100)
  await log.getByText('line 100', { exact: true }).waitFor()
  await page.getByLabel('Follow').uncheck()
  assert.deepEqual(
    await shownNumbers(page),
    Array.from({ length: 100 }, (_, at) => at + 1),
  )

  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Events' }).click()
  await page.getByRole('heading', { name: 'Events' }).waitFor()
  for (const name of ['one', 'two', 'three']) {
    wire.cut()
    await client.ok(['volume', 'create', `made-${name}`])
  }
  for (const name of ['one', 'two', 'three']) {
    await page.getByText(`made-${name}`).first().waitFor()
    assert.equal(await page.getByRole('row', { name: new RegExp(`create.*made-${name}`) }).count(), 1)
  }
})
