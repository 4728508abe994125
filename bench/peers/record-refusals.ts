/**
 * Sends the requests of test/api/refusals/refusals.txt to the peers' dockerd, and writes down what it says to each:
 * `node bench/peers/record-refusals.ts`. The tests hold ours against it.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readTable, showTable } from '../../test/api/refusals/table.ts'
import { World } from '../../test/api/refusals/world.ts'
import { openPeer, staticBusybox } from './open.ts'

const file = join(import.meta.dirname, '../../test/api/refusals/refusals.txt')

await using dockerd = await openPeer()
const world = await World.make(dockerd.socket, staticBusybox())
const { head, chapters } = readTable(await readFile(file, 'utf8'))
const asked = []
for (const { name, refusals } of chapters) {
  const answered = []
  for (const refusal of refusals) answered.push({ ...refusal, answer: await world.ask(refusal) })
  asked.push({ name, refusals: answered })
}
await world.remove()
await writeFile(file, showTable({ head, chapters: asked }))
console.log(`${asked.flatMap(({ refusals }) => refusals).length} requests, answered by dockerd ${dockerd.version}`)
