/**
 * Sends the requests of test/api/refusals/refusals.txt to the peers' dockerd, and writes down what it says to each:
 * `node bench/peers/record-refusals.ts`. The tests hold ours against it.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findFirstBinary } from '@slipway/linux'
import { readTable, showTable } from '../../test/api/refusals/table.ts'
import { World } from '../../test/api/refusals/world.ts'
import { openDockerd } from '../engines/dockerd.ts'
import { Enclosure } from './enclosure.ts'
import { peersPath, setUpPeers } from './root.ts'

const file = join(import.meta.dirname, '../../test/api/refusals/refusals.txt')

await setUpPeers((line) => console.log(line))
await using enclosure = await Enclosure.open()
await using dockerd = await openDockerd(enclosure)
await using _daemon = await dockerd.start()
const busybox = findFirstBinary('busybox-static', 'busybox')
if (busybox === undefined) throw new Error('a static busybox is needed')
const world = await World.make(peersPath('run', 'dockerd.sock'), busybox)
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
