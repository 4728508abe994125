import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { hasCode, silentLogger } from '@slipway/core'
import { locateCgroup } from '../cgroup/locate.ts'
import { chooseRuntimes } from '../oci/choose.ts'
import { buildSpec } from '../spec/build.ts'
import { readHostFacts } from '../spec/host.ts'
import type { SpecInput } from '../spec/input.ts'
import { BusyboxHost } from '../testing/busybox.ts'
import { ForegroundRuntime } from './run.ts'

/** With the runtime that this machine's engine would use. */
const open = async () => {
  const host = await BusyboxHost.open()
  const launchers = join(host.directory, 'launchers')
  const runtimes = await chooseRuntimes({ added: {}, default: undefined, launchers, logger: silentLogger })
  const stateRoot = join(host.directory, 'foreground')
  const runtime = new ForegroundRuntime({ runtimes, stateRoot, logger: silentLogger })
  let count = 0
  const prepare = async (args: readonly string[], input: Partial<SpecInput> = {}) => {
    count += 1
    const bundle = host.bundle(`swt${process.pid}f${count}`)
    await mkdir(bundle.path, { recursive: true })
    const spec = buildSpec({
      id: bundle.id,
      cgroupParent: host.cgroupParent,
      rootfs: { path: join(host.directory, 'rootfs'), readonly: false },
      args,
      env: ['PATH=/bin'],
      user: { uid: 0, gid: 0 },
      terminal: false,
      namespaces: { network: 'host' },
      host: readHostFacts(),
      ...input,
    })
    return { bundle, spec }
  }
  const said = { stdout: '', stderr: '' }
  const run = async (
    args: readonly string[],
    input: Partial<SpecInput> = {},
    signal = new AbortController().signal,
  ) => {
    const { bundle, spec } = await prepare(args, input)
    Object.assign(said, { stdout: '', stderr: '' })
    const onOutput = (stream: 'stdout' | 'stderr', bytes: Uint8Array): void => {
      said[stream] += Buffer.from(bytes).toString()
    }
    return { exitCode: await runtime.run(bundle, spec, { onOutput, signal }), ...said }
  }
  const isClean = async (): Promise<boolean> => {
    const states = await Promise.all(runtimes.all.map(({ name }) => readdir(join(stateRoot, name)).catch(() => [])))
    const cgroup = locateCgroup(`${host.cgroupParent}/swt${process.pid}f${count}`)
    return states.flat().length === 0 && cgroup.directories.every((path) => !existsSync(path))
  }
  return { runtime, prepare, run, said, isClean, [Symbol.asyncDispose]: () => host[Symbol.asyncDispose]() }
}

test('run() gives the output of both streams and the exit code, and leaves nothing', async () => {
  await using place = await open()
  const outcome = { exitCode: 3, stdout: 'out\n', stderr: 'err\n' }
  // The second time with a filter that is compiled already.
  for (const _ of [1, 2]) {
    assert.deepEqual(await place.run(['sh', '-c', 'echo out; echo err >&2; exit 3']), outcome)
    assert.ok(await place.isClean())
  }
})

test('run() ends what the process left running, and doesn’t wait for it', async () => {
  await using place = await open()
  assert.deepEqual(await place.run(['sh', '-c', 'sleep 1000 & echo done']), {
    exitCode: 0,
    stdout: 'done\n',
    stderr: '',
  })
  assert.ok(await place.isClean())
})

test('run(): a user of the container’s own can open its output by name', async () => {
  await using place = await open()
  const script = 'echo out >/proc/self/fd/1; echo err >/proc/self/fd/2'
  const outcome = await place.run(['sh', '-c', script], { user: { uid: 33, gid: 33 } })
  assert.deepEqual(outcome, { exitCode: 0, stdout: 'out\n', stderr: 'err\n' })
})

test('run() of a command that isn’t there fails in runc’s words, and not among the output', async () => {
  await using place = await open()
  await assert.rejects(place.run(['nope']), (error) => {
    assert.ok(hasCode(error, 'invalid'))
    assert.match(error.message, /exec: "nope": executable file not found in \$PATH/)
    return true
  })
  assert.deepEqual(place.said, { stdout: '', stderr: '' })
  assert.ok(await place.isClean())
})

test('run() that is aborted kills everything in the container, and throws the reason', async () => {
  await using place = await open()
  const abort = new AbortController()
  const { bundle, spec } = await place.prepare(['sh', '-c', 'trap "" TERM; sleep 1000 & echo ready; wait'])
  const onOutput = (): void => abort.abort(new Error('enough'))
  await assert.rejects(place.runtime.run(bundle, spec, { onOutput, signal: abort.signal }), /enough/)
  assert.ok(await place.isClean())
})

test('run(): output that nobody can take ends the process', async () => {
  await using place = await open()
  const { bundle, spec } = await place.prepare(['sh', '-c', 'while true; do echo more; done'])
  const onOutput = async (): Promise<void> => {
    throw new Error('the client is gone')
  }
  const { signal } = new AbortController()
  await assert.rejects(place.runtime.run(bundle, spec, { onOutput, signal }), /the client is gone/)
  assert.ok(await place.isClean())
})
