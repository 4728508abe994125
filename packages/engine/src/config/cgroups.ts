import { existsSync } from 'node:fs'
import { invalid } from '@slipway/core'

/** Who makes containers' cgroups: the OCI runtime itself, or systemd when it asks it to. */
export type CgroupDriver = 'cgroupfs' | 'systemd'

export interface CgroupSettings {
  readonly driver: CgroupDriver
  /** Of containers that name none; undefined: the driver's own place. */
  readonly parent: string | undefined
}

/** A cgroup's parent: a path, or for systemd a slice. Throws invalid in docker's words. */
export const checkCgroupParent = (driver: CgroupDriver, parent: string | undefined): void => {
  if (driver === 'systemd' && parent && !/^[^/]+\.slice$/.test(parent)) {
    throw invalid('cgroup-parent for systemd cgroup should be a valid slice named as "xxx.slice"')
  }
}

const driverOf = (option: string): CgroupDriver => {
  const [, key = option, value = ''] = /^([^=]*)=(.*)$/s.exec(option) ?? []
  if (key !== 'native.cgroupdriver') throw invalid(`invalid option: ${option.slice(0, 80)}`)
  if (value === 'cgroupfs' || value === 'systemd') return value
  throw invalid(`option ${key} is cgroupfs or systemd, not ${JSON.stringify(value.slice(0, 80))}`)
}

const systemdRuns = (): boolean => existsSync('/run/systemd/system')

/** `--exec-opt` and `--cgroup-parent`. Throws invalid, also for systemd where it doesn't run: no container could start. */
export const parseCgroups = (
  options: readonly string[],
  parent: string | undefined,
  isSystemd: () => boolean = systemdRuns,
): CgroupSettings => {
  const driver = options.map(driverOf).at(-1) ?? 'cgroupfs'
  if (driver === 'systemd' && !isSystemd()) {
    throw invalid('native.cgroupdriver=systemd: systemd does not run this machine')
  }
  checkCgroupParent(driver, parent)
  return { driver, parent: parent || undefined }
}
