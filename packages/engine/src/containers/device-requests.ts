import type { HostConfig } from '@slipway/client'
import { invalid } from '@slipway/core'

/**
 * `--gpus`: this engine has no driver of devices, and says so when the container is started, as a dockerd does that has none.
 * Throws invalid, in docker's words.
 */
export const checkDeviceRequests = ({ DeviceRequests }: HostConfig): void => {
  const [request] = DeviceRequests ?? []
  if (request === undefined) return
  const capabilities = (request.Capabilities ?? []).map((names) => `[${names.join(' ')}]`).join(' ')
  const driver = JSON.stringify(request.Driver ?? '')
  throw invalid(`could not select device driver ${driver} with capabilities: [${capabilities}]`)
}
