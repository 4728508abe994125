/**
 * Lives the lives of test/api/events/lives.txt in the peers' dockerd, and writes down what its events tell:
 * `node bench/peers/record-events.ts`. The tests hold ours against it.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findFirstBinary } from '@slipway/linux'
import { readTable, showTable } from '../../test/api/events/table.ts'
import { Witness } from '../../test/api/events/witness.ts'
import { openDockerd } from '../engines/dockerd.ts'
import { Enclosure } from './enclosure.ts'
import { peersPath, setUpPeers } from './root.ts'

const file = join(import.meta.dirname, '../../test/api/events/lives.txt')

await setUpPeers((line) => console.log(line))
await using enclosure = await Enclosure.open()
await using dockerd = await openDockerd(enclosure)
await using _daemon = await dockerd.start()
const busybox = findFirstBinary('busybox-static', 'busybox')
if (busybox === undefined) throw new Error('a static busybox is needed')
await using witness = await Witness.open(peersPath('run', 'dockerd.sock'), busybox)
const { head, lives } = readTable(await readFile(file, 'utf8'))
const lived = []
for (const life of lives) {
  const told = (await witness.live(life)).map((line) => `= ${line}`)
  lived.push({ ...life, told: told.join() === life.docker.map((line) => `= ${line}`).join() ? life.told : told })
}
await writeFile(file, showTable({ head, lives: lived }))
console.log(`${lived.length} lives, told of by dockerd ${dockerd.version}`)
