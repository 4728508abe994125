import assert from 'node:assert/strict'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { hasCode, type ProcessSpec } from '@slipway/core'
import { openStdio } from '../stdio/open.ts'
import { BusyboxHost, execSpec, type TestContainer } from '../testing/busybox.ts'

const running = async (host: BusyboxHost): Promise<TestContainer> => {
  const container = await host.create(['sleep', '100'])
  await container.task.start()
  return container
}

const startExec = async ({ bundle, task }: TestContainer, id: string, spec: ProcessSpec, stdin = false) => {
  const stdio = openStdio({ directory: join(bundle.path, id), stdin, terminal: spec.terminal })
  const process = await task.exec(id, spec, stdio.paths)
  return { process, stdio }
}

test('exec: output, exit code, another user, environment, and the ids of its processes', async () => {
  await using host = await BusyboxHost.open()
  const container = await running(host)
  const spec = execSpec(['/bin/sh', '-c', '/bin/id -u; echo $A; echo bad >&2; exit 3'], {
    user: { uid: 33, gid: 33 },
    env: ['A=b'],
  })
  const { process, stdio } = await startExec(container, 'e1', spec)
  const output = Promise.all([text(stdio.stdout.stream()), text((stdio.stderr ?? stdio.stdout).stream())])
  await process.start()
  stdio.release()
  assert.ok(process.pid > 1)
  assert.equal((await process.wait()).exitCode, 3)
  assert.deepEqual(await output, ['33\nb\n', 'bad\n'])
  await process.delete()
  assert.deepEqual(await container.task.pids(), [container.task.pid])
})

test('exec with a terminal knows its size, set before and after its start', async () => {
  await using host = await BusyboxHost.open()
  const container = await running(host)
  const spec = execSpec(['sh', '-c', 'stty size; read line; stty size'], {
    terminal: true,
    consoleSize: { height: 10, width: 20 },
  })
  const { process, stdio } = await startExec(container, 'e1', spec, true)
  let output = ''
  const first = new Promise<void>((resolve) => {
    stdio.stdout.stream().on('data', (chunk) => {
      output += chunk
      if (output.includes('\n')) resolve()
    })
  })
  const ended = new Promise((resolve) => stdio.stdout.stream().once('end', resolve))
  await process.start()
  stdio.release()
  await first
  assert.equal(output, '10 20\r\n')
  await process.resize({ height: 43, width: 132 })
  stdio.stdin?.write('go\n')
  await process.wait()
  await ended
  assert.equal(output, '10 20\r\ngo\r\n43 132\r\n')
  await process.delete()
  stdio.close()
})

test('a terminal of the container itself: resize, and the end when it ends', async () => {
  await using host = await BusyboxHost.open()
  const { task, stdio } = await host.create(['sh', '-c', 'stty size'], { terminal: true, stdin: true })
  assert.equal(stdio.stderr, undefined)
  await task.resize({ height: 24, width: 80 })
  const output = text(stdio.stdout.stream())
  await task.start()
  await task.wait()
  assert.equal(await output, '24 80\r\n')
  await task.delete()
})

test('exec of a command that is not there fails at start, in docker’s words', async () => {
  await using host = await BusyboxHost.open()
  const container = await running(host)
  const { process, stdio } = await startExec(container, 'e1', execSpec(['nope']))
  await assert.rejects(process.start(), (error) => {
    assert.ok(hasCode(error, 'invalid'))
    assert.equal(error.detail['kind'], 'not-found')
    assert.equal(
      error.message,
      'OCI runtime exec failed: exec failed: unable to start container process: exec: "nope": executable file not found in $PATH: unknown',
    )
    return true
  })
  stdio.close()
  await process.delete()
  assert.equal(await container.task.state(), 'running')
})

test('of an exec that is gone, stdin can’t be closed: not-found', async () => {
  await using host = await BusyboxHost.open()
  const container = await running(host)
  const { process, stdio } = await startExec(container, 'e1', execSpec(['true']))
  await process.start()
  stdio.release()
  await process.wait()
  await process.delete()
  stdio.close()
  await assert.rejects(process.closeStdin(), { code: 'not-found' })
})

test('an exec can be signalled by number, real-time ones too', async () => {
  await using host = await BusyboxHost.open()
  const container = await running(host)
  const { process, stdio } = await startExec(container, 'e1', execSpec(['sleep', '100']))
  await process.start()
  stdio.release()
  await process.kill(40)
  assert.equal((await process.wait()).exitCode, 168)
  await process.delete()
  stdio.close()
})
