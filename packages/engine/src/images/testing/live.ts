import { readFile } from 'node:fs/promises'
import { openHarbourAt } from './harbour.ts'
import { deeds } from './life.ts'

/** A process to be killed: `live.ts ROOT ARCHIVE`. Says on stdout which names it has promised to keep. */
const [root = '', archivePath = ''] = process.argv.slice(2)
const archive = await readFile(archivePath)
const harbour = await openHarbourAt(root)
const [load, removeOne, seed, removeMade, , collect] = deeds
const base = Date.now()

const live = async (deed: (typeof deeds)[number] | undefined, after: (turn: number) => string): Promise<void> => {
  for (let turn = base; ; turn += 1) {
    await deed?.(harbour, archive, turn)
    process.stdout.write(after(turn))
  }
}

process.stdout.write('begun\n')
await Promise.all([
  live(load, () => 'two:2\n'),
  live(removeOne, () => ''),
  live(
    async (...given) => {
      await seed?.(...given)
      await removeMade?.(...given)
    },
    (turn) => `made:${turn}\n`,
  ),
  live(collect, () => ''),
])
