import { setTimeout as delay } from 'node:timers/promises'
import type { Health } from '@slipway/client'
import { endRun } from '../end-run.ts'
import type { ContainerRecord } from '../records.ts'
import { type ContainerRoom, publishContainerEvent } from '../room.ts'
import { probe } from './probe.ts'
import { type HealthSettings, healthSettings } from './settings.ts'
import { nextHealth, nextProbeIn, startingHealth } from './state.ts'

/** The settings by which a container is checked; undefined when it isn't. */
export const healthOf = (room: ContainerRoom, id: string): HealthSettings | undefined => {
  const config = room.records.get(id)?.definition.config
  return healthSettings(config?.Healthcheck, config?.Shell ?? undefined)
}

/**
 * Checks a running container's health until `ended`: the first probe after one interval, and each further one an interval
 * after the last has ended, so that two never overlap. What was known before a restart of the daemon still counts.
 */
export const monitorHealth = (room: ContainerRoom, id: string, ended: AbortSignal): void => {
  const settings = healthOf(room, id)
  if (settings === undefined) return
  watch(room, id, { settings, ended }).catch((error) => {
    if (!ended.aborted) room.logger.warn({ containerId: id, error }, 'the health of a container is not known any more')
  })
}

interface Watched {
  readonly settings: HealthSettings
  readonly ended: AbortSignal
}

const watch = async (room: ContainerRoom, id: string, { settings, ended }: Watched): Promise<void> => {
  const startedAt = Date.parse(room.records.find(id).state.startedAt ?? '') || Date.now()
  let health = room.records.find(id).state.health ?? startingHealth
  while (!ended.aborted) {
    await delay(nextProbeIn(health, settings, Date.now() - startedAt), undefined, { signal: ended, ref: false })
    if (room.records.get(id)?.state.status !== 'running') continue
    const result = await probe(room, id, settings)
    if (ended.aborted || room.records.get(id)?.state.status !== 'running') continue
    const runningFor = Date.parse(result.Start) - startedAt
    health = await remember(room, id, nextHealth(health, result, { ...settings, runningFor }))
  }
}

/** `--restart on-unhealthy`: it is ended, and what deals with ends starts it again. */
const restartUnhealthy = (room: ContainerRoom, record: ContainerRecord): void => {
  const running = room.running.get(record.id)
  if (record.definition.hostConfig.RestartPolicy?.Name !== 'on-unhealthy' || running === undefined) return
  endRun(room, record, running).catch((error) => {
    room.logger.warn({ containerId: record.id, error }, 'an unhealthy container could not be ended')
  })
}

const remember = async (room: ContainerRoom, id: string, health: Health): Promise<Health> => {
  const before = room.records.find(id).state.health?.Status
  const record = await room.records.setState(id, { health })
  if (health.Status !== before) publishContainerEvent(room, record, `health_status: ${health.Status}`)
  if (health.Status === 'unhealthy' && health.Status !== before) restartUnhealthy(room, record)
  return health
}
