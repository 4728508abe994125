import { commitContainer, createContainer, removeContainer, startContainer, waitContainer } from '@slipway/client'
import type { Subject } from '../engines/subject.ts'
import { openRoot } from '../images/families.ts'
import { importTar } from '../images/moves.ts'
import { type Bench, type Benchmark, interleave, timed } from '../measure.ts'

const writing = 'dd if=/dev/urandom of=/f bs=1M count=100 2>/dev/null'

/** What a container of 100 MB has written is made an image. */
const commit = async ({ client }: Subject, name: string): Promise<number> => {
  const body = { Image: 'busybox', Cmd: ['sh', '-c', writing], HostConfig: { NetworkMode: 'none' } }
  const { Id } = await createContainer(client, body)
  await startContainer(client, Id)
  await (await waitContainer(client, Id)).exit
  const figure = await timed(() => commitContainer(client, Id, { repository: name }))
  await removeContainer(client, Id, { force: true })
  return figure
}

export const makeImage: Benchmark = {
  name: 'make-image',
  about: 'images from a tar of 9,000 files (116 MB), and from a container that has written 100 MB',
  quick: false,
  async run(bench: Bench) {
    const root = await openRoot()
    const rounds = new Map<Subject, number>()
    return interleave(bench, bench.subjects, async (subject) => {
      const round = (rounds.get(subject) ?? 0) + 1
      rounds.set(subject, round)
      const tar = root.variant(round).read('plain')
      return {
        'import of 116 MB': await timed(() => importTar(subject.client, `imported:${round}`, tar)),
        'commit of 100 MB': await commit(subject, `committed${round}`),
      }
    })
  },
}
