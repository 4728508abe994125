import type { DeviceRequest, HostConfig } from '@slipway/client'
import { invalid } from '@slipway/core'

/** In dockerd's order, whoever asked: some clients print what they are told as it comes. */
export const withRequestDefaults = (asked: DeviceRequest): DeviceRequest => ({
  Driver: '',
  Count: 0,
  DeviceIDs: null,
  Capabilities: null,
  Options: null,
  ...asked,
})

/**
 * `--gpus`: this engine has no driver of devices, and says so when the container is started, as a dockerd does that has none.
 * Throws invalid, in docker's words.
 */
export const checkDeviceRequests = ({ DeviceRequests }: HostConfig): void => {
  const [request] = DeviceRequests ?? []
  if (request === undefined) return
  if (request.Driver === 'cdi') {
    throw invalid(`CDI device injection failed: unresolvable CDI devices ${(request.DeviceIDs ?? []).join(', ')}`)
  }
  const capabilities = (request.Capabilities ?? []).map((names) => `[${names.join(' ')}]`).join(' ')
  const driver = JSON.stringify(request.Driver ?? '')
  throw invalid(`could not select device driver ${driver} with capabilities: [${capabilities}]`)
}
