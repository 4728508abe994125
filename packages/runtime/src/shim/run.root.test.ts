import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { hasCode } from '@slipway/core'
import { locateCgroup } from '../cgroup/locate.ts'
import { BusyboxHost } from '../testing/busybox.ts'

test('run: output, exit code, and nothing left', async () => {
  await using host = await BusyboxHost.open()
  const { bundle, task, stdio } = await host.create(['sh', '-c', 'echo out; echo err >&2; exit 7'])
  assert.ok(task.pid > 1)
  assert.equal(await task.state(), 'created')
  const seen = { stdout: '', stderr: '' }
  stdio.stdout.stream().on('data', (chunk) => {
    seen.stdout += chunk
  })
  stdio.stderr?.stream().on('data', (chunk) => {
    seen.stderr += chunk
  })
  const ended = new Promise((resolve) => stdio.stdout.stream().once('end', resolve))
  await task.start()
  const { exitCode, exitedAt } = await task.wait()
  await ended
  assert.deepEqual({ exitCode, ...seen }, { exitCode: 7, stdout: 'out\n', stderr: 'err\n' })
  assert.ok(Math.abs(exitedAt.getTime() - Date.now()) < 60_000)
  assert.equal(await task.state(), 'stopped')
  await task.delete()
  assert.equal((await task.wait()).exitCode, 7)
  assert.equal(await host.runtime.load(bundle), undefined)
  const { directories } = locateCgroup(`${host.cgroupParent}/${bundle.id}`)
  assert.deepEqual(
    directories.filter((directory) => existsSync(directory)),
    [],
  )
})

test('a killed process ends with 128 and the signal', async () => {
  await using host = await BusyboxHost.open()
  const { task } = await host.create(['sleep', '100'])
  await task.start()
  await task.kill(9)
  assert.equal((await task.wait()).exitCode, 137)
  await assert.rejects(task.kill(15), (error) => hasCode(error, 'not-found'))
  await task.delete()
})

test('a command that is not there, and one that is no program, are told apart', async () => {
  await using host = await BusyboxHost.open()
  const failure = async (command: string) => {
    try {
      await host.run([command])
      return 'ran'
    } catch (error) {
      if (!hasCode(error, 'invalid')) throw error
      return { kind: error.detail['kind'], message: error.message }
    }
  }
  const prefix =
    'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: '
  assert.deepEqual(await failure('nope'), {
    kind: 'not-found',
    message: `${prefix}unable to start container process: exec: "nope": executable file not found in $PATH: unknown`,
  })
  assert.deepEqual(await failure('/nope'), {
    kind: 'not-found',
    message: `${prefix}unable to start container process: exec: "/nope": stat /nope: no such file or directory: unknown`,
  })
  assert.deepEqual(await failure('/not-executable'), {
    kind: 'not-executable',
    message: `${prefix}unable to start container process: exec: "/not-executable": permission denied: unknown`,
  })
})

test('bytes pass through stdin and stdout unchanged, and the end of stdin too', async () => {
  await using host = await BusyboxHost.open()
  const { task, stdio } = await host.create(['cat'], { stdin: true })
  const output = buffer(stdio.stdout.stream())
  await task.start()
  const bytes = randomBytes(1_000_000)
  await new Promise<void>((resolve) => stdio.stdin?.end(bytes, resolve))
  await task.closeStdin()
  assert.equal((await task.wait()).exitCode, 0)
  assert.ok(bytes.equals(await output))
  await task.delete()
})

test('100 MB pass through stdout without loss, however late they are read', async () => {
  await using host = await BusyboxHost.open()
  const size = 100 << 20
  const { task, stdio } = await host.create(['head', '-c', String(size), '/dev/zero'])
  await task.start()
  await sleep(100)
  // Nobody reads yet: the process waits, and what it wrote is not piling up here.
  assert.ok(stdio.stdout.stream().readableLength <= 256 << 10)
  assert.equal(await task.state(), 'running')
  let bytes = 0
  for await (const chunk of stdio.stdout.stream()) bytes += (chunk as Buffer).length
  assert.equal(bytes, size)
  assert.equal((await task.wait()).exitCode, 0)
  await task.delete()
})

test('a user, a hostname, default capabilities, and seccomp that refuses mount', async () => {
  await using host = await BusyboxHost.open()
  const script =
    'id; cat /proc/sys/kernel/hostname; echo $HOME; while read k v; do case $k in CapB*|CapE*|Seccomp:) echo $k $v;; esac; done </proc/self/status'
  const { stdout } = await host.run(['sh', '-c', script], {
    user: { uid: 33, gid: 33, additionalGids: [33], home: '/srv' },
    hostname: 'web1',
  })
  assert.deepEqual(stdout.trim().split('\n'), [
    'uid=33(web) gid=33 groups=33',
    'web1',
    '/srv',
    'CapEff: 0000000000000000',
    'CapBnd: 00000000a80425fb',
    'Seccomp: 2',
  ])
})
