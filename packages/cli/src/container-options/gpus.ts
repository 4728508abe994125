import type { DeviceRequest } from '@slipway/client'
import { splitCsv } from './mount.ts'
import { readPairs } from './pairs.ts'

type Draft = { -readonly [Name in keyof DeviceRequest]: DeviceRequest[Name] }

const readCount = (text: string): number => {
  if (text === 'all') return -1
  const count = Number(text)
  if (/^[+-]?\d+$/.test(text) && Number.isSafeInteger(count)) return count
  const why = /^[+-]?\d+$/.test(text) ? 'value out of range' : 'invalid syntax'
  throw new Error(`invalid count (${text}): value must be either "all" or an integer: ${why}`)
}

const setters: Readonly<Record<string, (request: Draft, value: string) => void>> = {
  driver: (request, value) => {
    request.Driver = value
  },
  count: (request, value) => {
    request.Count = readCount(value)
  },
  device: (request, value) => {
    request.DeviceIDs = value.split(',')
  },
  capabilities: (request, value) => {
    request.Capabilities = [[...value.split(','), 'gpu']]
  },
  options: (request, value) => {
    request.Options = readPairs(splitCsv(value))
  },
}

/**
 * Reads what `--gpus` takes, a line of CSV: `all`, `2`, `driver=nvidia,count=1`, `"device=0,1"`. One GPU, where neither a
 * number nor devices are named. Throws an Error in docker's words.
 */
export const parseGpus = (text: string): DeviceRequest => {
  if (text === '') throw new Error('EOF')
  const request: Draft = { Driver: '', Count: 0, DeviceIDs: null, Capabilities: [['gpu']], Options: {} }
  const seen = new Set<string>()
  for (const field of splitCsv(text)) {
    const equals = field.indexOf('=')
    const key = equals === -1 ? field : field.slice(0, equals)
    if (seen.has(key)) throw new Error(`gpu request key '${key}' can be specified only once`)
    seen.add(key)
    const set = Object.hasOwn(setters, key) && equals !== -1 ? setters[key] : undefined
    if (equals === -1) {
      seen.add('count')
      request.Count = readCount(key)
    } else if (set === undefined) throw new Error(`unexpected key '${key}' in '${field}'`)
    else set(request, field.slice(equals + 1))
  }
  if (!seen.has('count') && request.DeviceIDs === null) request.Count = 1
  return request
}
