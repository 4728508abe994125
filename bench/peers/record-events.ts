/**
 * Lives the lives of test/api/events/lives.txt in the peers' dockerd, and writes down what its events tell:
 * `node bench/peers/record-events.ts`. The tests hold ours against it.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readTable, showTable } from '../../test/api/events/table.ts'
import { Witness } from '../../test/api/events/witness.ts'
import { openPeer, staticBusybox } from './open.ts'

const file = join(import.meta.dirname, '../../test/api/events/lives.txt')

await using dockerd = await openPeer()
await using witness = await Witness.open(dockerd.socket, staticBusybox())
const { head, lives } = readTable(await readFile(file, 'utf8'))
const lived = []
for (const life of lives) {
  const told = (await witness.live(life)).map((line) => `= ${line}`)
  lived.push({ ...life, told: told.join() === life.docker.map((line) => `= ${line}`).join() ? life.told : told })
}
await writeFile(file, showTable({ head, lives: lived }))
console.log(`${lived.length} lives, told of by dockerd ${dockerd.version}`)
