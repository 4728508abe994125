import { invalid } from '@slipway/core'

export const apiVersion = '1.51'
export const minimumApiVersion = '1.24'

const thousands = 1000

/** `1.47` as a number that compares. */
const asNumber = (version: string): number => {
  const [major, minor] = version.split('.').map(Number)
  return (major ?? 0) * thousands + (minor ?? 0)
}

/** True when the client speaks `version` or newer; a request that names none speaks the newest. */
export const atLeast = (requested: string | undefined, version: `1.${number}`): boolean =>
  asNumber(requested ?? apiVersion) >= asNumber(version)

/** Takes `/v1.47` off a path; refuses versions that are too old or too new in dockerd's words. */
export const stripVersion = (path: string): { path: string; version: string | undefined } => {
  const found = /^\/v(\d+\.\d+)(\/.*)$/.exec(path)
  if (found === null) return { path, version: undefined }
  const [, version = '', rest = '/'] = found
  if (asNumber(version) > asNumber(apiVersion)) {
    throw invalid(`client version ${version} is too new. Maximum supported API version is ${apiVersion}`)
  }
  if (asNumber(version) < asNumber(minimumApiVersion)) {
    throw invalid(
      `client version ${version} is too old. Minimum supported API version is ${minimumApiVersion}, please upgrade your client to a newer version`,
    )
  }
  return { path: rest, version }
}
