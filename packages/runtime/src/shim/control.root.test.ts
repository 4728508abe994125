import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { BusyboxHost } from '../testing/busybox.ts'

/** The count once it has stood still for a while: what was on its way has come. */
const settled = async (count: () => number): Promise<number> => {
  for (let before = -1; before !== count(); await sleep(200)) before = count()
  return count()
}

test('pause stops a container’s clock, resume lets it go on', async () => {
  await using host = await BusyboxHost.open()
  const { task, stdio } = await host.create(['sh', '-c', 'while true; do echo x; sleep 0.01; done'])
  let lines = 0
  stdio.stdout.stream().on('data', () => lines++)
  await task.start()
  await task.pause()
  assert.equal(await task.state(), 'paused')
  // A clock that goes on would never let it.
  const before = await settled(() => lines)
  await task.resume()
  assert.equal(await task.state(), 'running')
  while (lines === before) await sleep(10)
  await task.killAll(9)
  await task.wait()
  await task.delete()
})

test('stats come from the container’s own cgroup, and update changes its limits', async () => {
  await using host = await BusyboxHost.open()
  const { task } = await host.create(['sleep', '100'], { resources: { memory: 64 << 20, pids: 20 } })
  await task.start()
  const before = await task.stats()
  assert.equal(before.memoryLimitBytes, 64 << 20)
  assert.ok(before.pids >= 1 && before.pids <= 20)
  assert.ok(before.cpuNanoseconds > 0n)
  assert.ok(before.memoryBytes > 0)
  await task.update({ memory: 128 << 20, memorySwap: 256 << 20, pids: 30 })
  assert.equal((await task.stats()).memoryLimitBytes, 128 << 20)
  await task.kill(9)
  await task.wait()
  await task.delete()
})

test('a container that wants more memory than it may have is said to be out of memory', async () => {
  await using host = await BusyboxHost.open()
  const { task, stdio } = await host.create(['tail', '/dev/zero'], {
    resources: { memory: 16 << 20, memorySwap: 16 << 20 },
  })
  stdio.stdout.stream().resume()
  await task.start()
  assert.equal((await task.wait()).exitCode, 137)
  assert.equal(await task.oomKilled(), true)
  await task.delete()
})

test('one that was merely killed is not', async () => {
  await using host = await BusyboxHost.open()
  const { task } = await host.create(['sleep', '100'])
  await task.start()
  await task.kill(9)
  await task.wait()
  assert.equal(await task.oomKilled(), false)
  await task.delete()
})
