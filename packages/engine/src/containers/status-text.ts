import type { Health } from '@slipway/client'
import type { ContainerRecord } from './records.ts'

const units: readonly (readonly [limitSeconds: number, text: (seconds: number) => string])[] = [
  [1, () => 'Less than a second'],
  [2, () => '1 second'],
  [60, (s) => `${s} seconds`],
  [120, () => 'About a minute'],
  [3600, (s) => `${Math.floor(s / 60)} minutes`],
  [5400, () => 'About an hour'],
  [48 * 3600, (s) => `${Math.floor(s / 3600 + 0.5)} hours`],
  [14 * 86400, (s) => `${Math.floor(s / 86400)} days`],
  [60 * 86400, (s) => `${Math.floor(s / (7 * 86400))} weeks`],
  [2 * 365 * 86400, (s) => `${Math.floor(s / (30 * 86400))} months`],
  [Number.POSITIVE_INFINITY, (s) => `${Math.floor(s / (365 * 86400))} years`],
]

/** "About a minute", "3 hours": how docker says a length of time. */
export const humanDuration = (milliseconds: number): string => {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  return units.find(([limit]) => seconds < limit)?.[1](seconds) ?? ''
}

const healthTexts: Readonly<Record<Health['Status'], string>> = {
  none: '',
  starting: ' (health: starting)',
  healthy: ' (healthy)',
  unhealthy: ' (unhealthy)',
}

/** The STATUS column: `Up 5 minutes`, `Exited (0) 3 seconds ago`. */
export const statusText = ({ state }: ContainerRecord, now = Date.now()): string => {
  const since = (time: string | undefined): string => humanDuration(now - Date.parse(time ?? ''))
  switch (state.status) {
    case 'running':
      return `Up ${since(state.startedAt)}${healthTexts[state.health?.Status ?? 'none']}`
    case 'paused':
      return `Up ${since(state.startedAt)} (Paused)`
    case 'restarting':
      return `Restarting (${state.exitCode}) ${since(state.finishedAt)} ago`
    case 'removing':
      return 'Removal In Progress'
    case 'dead':
      return 'Dead'
    case 'created':
      return 'Created'
    case 'exited':
      return `Exited (${state.exitCode}) ${since(state.finishedAt)} ago`
  }
}
