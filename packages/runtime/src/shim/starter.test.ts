import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ShimStarter } from './starter.ts'

/** Stands for a shim's helper: prints its id and what it has open for reading, or fails. */
const helper = `#!/bin/sh
case "$*" in *" -id bad "*) echo "no such thing" >&2; exit 3;; esac
echo "$*; $NAMESPACE; $(readlink /proc/$$/fd/8) $(grep -h flags /proc/$$/fdinfo/8)"
`

const openStarter = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'starter it’s "$HOME" '))
  const shim = join(directory, 'shim')
  await writeFile(shim, helper, { mode: 0o700 })
  const starter = new ShimStarter({ shim, namespace: 'testing', events: join(directory, 'events.sock') })
  const run = async (id: string) => {
    const own = join(directory, id)
    const fifo = join(own, 'stdout')
    await mkdir(own)
    execFileSync('mkfifo', [fifo])
    return { fifo, said: await starter.run({ id, directory: own, keepOpen: [fifo] }) }
  }
  return {
    run,
    directory,
    async [Symbol.asyncDispose]() {
      await starter[Symbol.asyncDispose]()
      await rm(directory, { recursive: true })
    },
  }
}

test('many at once are each told what their own helper printed, with their FIFO open for reading only', async () => {
  await using starter = await openStarter()
  const ids = Array.from({ length: 20 }, (_, index) => `one-${index}`)
  for (const [index, { fifo, said }] of (await Promise.all(ids.map(starter.run))).entries()) {
    const events = join(starter.directory, 'events.sock')
    const words = `-namespace testing -id one-${index} -address ${events} -publish-binary /bin/true start`
    assert.match(said, /; testing; .*flags:\s*0[01]*00000$/m)
    assert.ok(said.startsWith(`${words}; testing; ${fifo} `), said)
  }
})

test('a helper that fails is told of, in its own words, and the next one runs', async () => {
  await using starter = await openStarter()
  await assert.rejects(starter.run('bad'), /shim start failed \(3\): no such thing/)
  assert.match((await starter.run('good')).said, /-id good/)
})

test('when the shell is killed another takes its place', async () => {
  await using starter = await openStarter()
  await starter.run('first')
  const children = await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
  const shells = children
    .trim()
    .split(' ')
    .map(Number)
    .filter((pid) => execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).includes('testing'))
  assert.equal(shells.length, 1)
  process.kill(shells[0] ?? 0, 'SIGKILL')
  const deadline = Date.now() + 60_000
  for (let attempt = 0; ; attempt += 1) {
    // Until its death is known it may still be asked.
    const said = await starter.run(`later-${attempt}`).catch((error: Error) => error)
    if (!(said instanceof Error)) break
    assert.ok(Date.now() < deadline, String(said))
  }
})
