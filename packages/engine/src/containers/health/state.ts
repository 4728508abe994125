import type { Health, HealthcheckResult } from '@slipway/client'
import type { HealthSettings } from './settings.ts'

const kept = 5

export const startingHealth: Health = { Status: 'starting', FailingStreak: 0, Log: [] }

/**
 * What a result makes of a container's health, by docker's rules: one success is enough for healthy, `retries` failures in
 * a row for unhealthy, and failures in the start period don't count before the first success.
 */
export const nextHealth = (
  before: Health,
  result: HealthcheckResult,
  { retries, startPeriod, runningFor }: Pick<HealthSettings, 'retries' | 'startPeriod'> & { runningFor: number },
): Health => {
  const Log = [...before.Log, result].slice(-kept)
  if (result.ExitCode === 0) return { Status: 'healthy', FailingStreak: 0, Log }
  if (before.Status === 'starting' && runningFor < startPeriod) return { ...before, Log }
  const FailingStreak = before.FailingStreak + 1
  return { Status: FailingStreak >= retries ? 'unhealthy' : before.Status, FailingStreak, Log }
}

/** How long until the next probe. In the start period they come faster, until the first success. */
export const nextProbeIn = (
  { Status }: Health,
  { interval, startInterval, startPeriod }: HealthSettings,
  runningFor: number,
): number => (Status === 'starting' && runningFor < startPeriod ? startInterval : interval)
