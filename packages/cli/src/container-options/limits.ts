import type { DeviceMapping, DeviceRequest, RestartPolicy, ThrottleDevice, Ulimit, WeightDevice } from '@slipway/client'
import { parseSize } from '../flags/quantity.ts'
import { ulimitName } from './checked-words.ts'

/** `nofile=1024:2048`; one number is both. Throws an Error. */
export const parseUlimit = (text: string): Ulimit => {
  const match = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text)
  if (match === null) throw new Error(`invalid ulimit argument: ${text}`)
  const [, name = '', soft = '', hard = soft] = match
  if (Number(hard) !== -1 && (Number(soft) > Number(hard) || Number(soft) === -1)) {
    throw new Error(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`)
  }
  return { Name: ulimitName(name), Soft: Number(soft), Hard: Number(hard) }
}

/** `vendor.example/class=name`: a device as CDI (Container Device Interface) names it, not a path. */
export const isCdiDevice = (text: string): boolean => /^[a-z][\w.-]*\/[a-z][\w-]*=[a-z0-9][\w.:-]*$/i.test(text)

/** All of them in one, as docker asks for them. */
export const cdiRequests = (devices: readonly string[]): readonly DeviceRequest[] =>
  devices.length === 0 ? [] : [{ Driver: 'cdi', DeviceIDs: devices }]

const isPermissions = (text: string): boolean => /^[rwm]{1,3}$/.test(text)

/** `/dev/a[:/dev/b][:rwm]`. Throws an Error. */
export const parseDevice = (text: string): DeviceMapping => {
  const parts = text.split(':')
  const [host = '', second, third] = parts
  if (parts.length > 3 || text === '') throw new Error(`bad format for path: ${text}`)
  if (!host.startsWith('/')) throw new Error(`${host} is not an absolute path`)
  const secondIsPermissions = second !== undefined && third === undefined && isPermissions(second)
  const permissions = third ?? (secondIsPermissions ? second : 'rwm')
  if (!isPermissions(permissions)) throw new Error(`bad mode specified: ${permissions}`)
  const path = secondIsPermissions || second === undefined ? host : second
  return { PathOnHost: host, PathInContainer: path, CgroupPermissions: permissions }
}

const splitRate = (text: string): readonly [path: string, rate: string] => {
  const [path = '', rate = '', ...more] = text.split(':')
  if (more.length > 0 || rate === '') throw new Error(`bad format: ${text}`)
  if (!path.startsWith('/dev/')) throw new Error(`bad format for device path: ${text}`)
  return [path, rate]
}

/** `/dev/sda:1mb` */
export const parseThrottle = (text: string): ThrottleDevice => {
  const [path, rate] = splitRate(text)
  return { Path: path, Rate: parseSize(rate) }
}

/** `/dev/sda:500` */
export const parseWeight = (text: string): WeightDevice => {
  const [path, weight] = splitRate(text)
  const value = Number(weight)
  if (!Number.isInteger(value) || (value !== 0 && (value < 10 || value > 1000))) {
    throw new Error(`invalid weight for device: ${text}`)
  }
  return { Path: path, Weight: value }
}

/** `on-failure:3`. Throws an Error; which names there are is the engine's to say. */
export const parseRestart = (text: string): RestartPolicy => {
  const [name = '', retries, ...more] = text.split(':')
  if (more.length > 0) throw new Error('invalid restart policy format: expected "policy[:maximum retry count]"')
  if (name === '' && retries !== undefined)
    throw new Error('invalid restart policy format: no policy provided before colon')
  if (retries !== undefined && !/^-?\d+$/.test(retries)) {
    throw new Error('invalid restart policy format: maximum retry count must be an integer')
  }
  return { Name: name as NonNullable<RestartPolicy['Name']>, MaximumRetryCount: Number(retries ?? 0) }
}
