import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { checkCost } from '../harness/page-cost.ts'
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

const lineCount = 80

/** The numbers that the log shows, from top to bottom, however long it is. */
const shownLines = async (page: Page): Promise<readonly number[]> => {
  const log = page.getByRole('region', { name: 'Logs' })
  const seen = new Map<number, number>()
  for (const end of [0, 0.25, 0.5, 0.75, 1]) {
    await log.evaluate((element, part) => {
      const scrolled = element as unknown as { scrollTop: number; scrollHeight: number }
      scrolled.scrollTop = scrolled.scrollHeight * part
    }, end)
    await page.waitForTimeout(100)
    for (const line of await log.locator('.line').all()) {
      const [index, text] = [await line.getAttribute('data-index'), await line.textContent()]
      seen.set(Number(index), Number(/line (\d+)/.exec(text ?? '')?.[1]))
    }
  }
  return [...seen].sort(([one], [other]) => one - other).map(([, number]) => number)
}

test('the first page is small, and asks for little', async (t) => {
  await using stage = await openStage()
  const { page } = await visit(stage)
  await page.reload()
  await page.getByRole('heading', { level: 1 }).waitFor()
  t.diagnostic(await checkCost(page))
})

test('a log and the events go on behind a connection that was lost, and miss nothing', async () => {
  await using stage = await openStage()
  await using wire = await wireTo(stage.address)
  const { page } = await visit({ ...stage, address: wire.address })
  const client = stage.engine.client('slipway')
  const script = `i=0; while [ $i -lt ${lineCount} ]; do i=$((i+1)); echo line $i; sleep 0.05; done; sleep 100`
  await client.ok(['run', '-d', '--name', 'talker', 'busybox', 'sh', '-c', script])
  await page.getByRole('link', { name: 'talker' }).click()
  await page.getByRole('tab', { name: 'Logs' }).click()
  const log = page.getByRole('region', { name: 'Logs' })
  for (const number of [10, 35, 60]) {
    await log.getByText(`line ${number}`, { exact: true }).waitFor()
    wire.cut()
  }
  await log.getByText(`line ${lineCount}`, { exact: true }).waitFor()
  await page.getByLabel('Follow').uncheck()
  assert.deepEqual(
    await shownLines(page),
    Array.from({ length: lineCount }, (_, at) => at + 1),
  )

  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Events' }).click()
  for (const name of ['one', 'two', 'three']) {
    wire.cut()
    await client.ok(['volume', 'create', `made-${name}`])
  }
  for (const name of ['one', 'two', 'three']) {
    await page.getByText(`made-${name}`).first().waitFor()
    assert.equal(await page.getByRole('row', { name: new RegExp(`create.*made-${name}`) }).count(), 1)
  }
})
