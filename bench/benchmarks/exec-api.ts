import { attachExec, createContainer, createExec, removeContainer, startContainer, startExec } from '@slipway/client'
import { type Bench, type Benchmark, interleave, timed } from '../measure.ts'

export const execApi: Benchmark = {
  name: 'exec-api',
  about:
    '`true` in a running container through the API: detached (create and start answered), and attached until it ended',
  quick: true,
  async run(bench: Bench) {
    const ids = new Map<string, string>()
    for (const { name, client } of bench.subjects) {
      const { Id } = await createContainer(client, { Image: 'busybox', Cmd: ['sleep', '1000'] })
      await startContainer(client, Id)
      ids.set(name, Id)
    }
    try {
      return await interleave(bench, bench.subjects, async ({ name, client }) => {
        const id = ids.get(name) ?? ''
        const detached = await timed(async () => {
          const exec = await createExec(client, id, { Cmd: ['true'] })
          await startExec(client, exec.Id)
        })
        const attached = await timed(async () => {
          const exec = await createExec(client, id, { Cmd: ['true'], AttachStdout: true, AttachStderr: true })
          for await (const _ of await attachExec(client, exec.Id, {}));
        })
        return { 'detached: create + start': detached, 'attached: until it ended': attached }
      })
    } finally {
      for (const { name, client } of bench.subjects) await removeContainer(client, ids.get(name) ?? '', { force: true })
    }
  },
}
