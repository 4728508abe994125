/**
 * Performs the commands of test/api/inspections/commands.txt with the docker CLI on the peers' dockerd, and writes down what
 * `docker inspect` shows of each container: `node bench/peers/record-inspections.ts`. The tests hold ours against it.
 */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineClient, importImage } from '@slipway/client'
import { look, prepare, type RunDocker, takeAway } from '../../test/api/inspections/look.ts'
import { showInspections } from '../../test/api/inspections/table.ts'
import { busyboxFiles } from '../images/small.ts'
import { openPeer } from './open.ts'

const directory = join(import.meta.dirname, '../../test/api/inspections')
await using dockerd = await openPeer()

const docker: RunDocker = (args) =>
  new Promise((resolve) => {
    const env = { ...process.env, DOCKER_HOST: `unix://${dockerd.socket}` }
    execFile('docker', args, { env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    )
  })

await using client = new EngineClient({ host: `unix://${dockerd.socket}`, apiVersion: '1.51' })
const progress = await importImage(client, busyboxFiles(), { repository: 'busybox', changes: ['CMD ["sh"]'] })
for await (const { error } of progress) if (error) throw new Error(error)
await prepare(docker)
const commands = (await readFile(join(directory, 'commands.txt'), 'utf8')).trim().split('\n')
const inspections = []
for (const command of commands) inspections.push({ command, shown: await look(docker, command) })
await takeAway(docker)
await writeFile(join(directory, 'dockerd.txt'), showInspections(inspections))
console.log(`${inspections.length} containers, looked at in dockerd`)
