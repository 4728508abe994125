import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Health, HealthcheckResult } from '@slipway/client'
import { checkHealthConfig, healthSettings } from './settings.ts'
import { nextHealth, nextProbeIn, startingHealth } from './state.ts'

const result = (ExitCode: number): HealthcheckResult => ({ Start: '', End: '', ExitCode, Output: '' })
const after = (exitCodes: readonly number[], options: { startPeriod?: number; runningFor?: number } = {}): Health =>
  exitCodes.reduce(
    (health, exitCode) =>
      nextHealth(health, result(exitCode), { retries: 3, startPeriod: 0, runningFor: 100, ...options }),
    startingHealth,
  )
const told = ({ Status, FailingStreak }: Health) => [Status, FailingStreak]

test('one success is healthy, three failures in a row are unhealthy', () => {
  assert.deepEqual(told(after([0])), ['healthy', 0])
  assert.deepEqual(told(after([1, 1])), ['starting', 2])
  assert.deepEqual(told(after([1, 1, 1])), ['unhealthy', 3])
  assert.deepEqual(told(after([0, 1, -1])), ['healthy', 2])
  assert.deepEqual(told(after([0, 1, 1, 0])), ['healthy', 0])
  assert.deepEqual(told(after([1, 1, 1, 1, 0])), ['healthy', 0])
})

test('failures in the start period do not count until the first success', () => {
  const starting = { startPeriod: 200, runningFor: 100 }
  assert.deepEqual(told(after([1, 1, 1, 1], starting)), ['starting', 0])
  assert.deepEqual(told(after([0, 1, 1, 1], starting)), ['unhealthy', 3])
})

test('the last five results are kept', () => {
  const { Log } = after([1, 2, 3, 4, 5, 6, 7])
  assert.deepEqual(
    Log.map(({ ExitCode }) => ExitCode),
    [3, 4, 5, 6, 7],
  )
})

test("healthSettings() fills in docker's defaults, and knows when there is nothing to check", () => {
  const settings = healthSettings({ Test: ['CMD-SHELL', 'curl x'], Interval: 2e9 }, undefined)
  assert.deepEqual(settings, {
    command: ['/bin/sh', '-c', 'curl x'],
    interval: 2000,
    timeout: 30_000,
    startPeriod: 0,
    startInterval: 5000,
    retries: 3,
  })
  assert.deepEqual(healthSettings({ Test: ['CMD', 'a', 'b'] }, undefined)?.command, ['a', 'b'])
  assert.deepEqual(healthSettings({ Test: ['CMD-SHELL', 'x'] }, ['/bin/bash', '-c'])?.command, ['/bin/bash', '-c', 'x'])
  for (const Test of [['NONE'], []]) assert.equal(healthSettings({ Test }, undefined), undefined)
  assert.equal(healthSettings(undefined, undefined), undefined)
})

test('probes come faster in the start period, until the first success', () => {
  const settings = healthSettings({ Test: ['CMD', 'x'], StartPeriod: 60e9, StartInterval: 1e9 }, undefined)
  assert.ok(settings)
  assert.equal(nextProbeIn(startingHealth, settings, 10_000), 1000)
  assert.equal(nextProbeIn(startingHealth, settings, 70_000), 30_000)
  assert.equal(nextProbeIn(after([0]), settings, 10_000), 30_000)
})

test('checkHealthConfig() refuses times that docker refuses', () => {
  assert.throws(() => checkHealthConfig({ Interval: 999 }), /Interval in Healthcheck cannot be less than 1ms/)
  assert.throws(() => checkHealthConfig({ Retries: -1 }), /Retries in Healthcheck cannot be negative/)
  checkHealthConfig({ Interval: 0, Timeout: 1e6 })
})
