import type { ContainerConfig, ContainerCreateBody } from '@slipway/client'
import type { RunConfig } from '@slipway/core'

const nameOf = (entry: string): string => entry.split('=', 1)[0] ?? ''

/** The request's entries, then those of the image that it doesn't name; a name without a value stays, and unsets it. */
const mergeEnv = (
  own: readonly string[] | null | undefined,
  image: readonly string[] | null | undefined,
): readonly string[] | null => {
  const named = new Set(own?.map(nameOf))
  return own || image ? [...(own ?? []), ...(image ?? []).filter((entry) => !named.has(nameOf(entry)))] : null
}

/** docker takes a string, old clients' way, as the one word of a list. */
const words = (value: readonly string[] | string | null | undefined): readonly string[] | null =>
  typeof value === 'string' ? [value] : (value ?? null)

const mergeCommand = (body: ContainerConfig, image: RunConfig): Pick<ContainerConfig, 'Cmd' | 'Entrypoint'> => {
  const entrypoint = words(body.Entrypoint)
  const command = words(body.Cmd)
  if (entrypoint !== null && entrypoint.length > 0) {
    return { Cmd: command, Entrypoint: entrypoint.length === 1 && entrypoint[0] === '' ? null : entrypoint }
  }
  return { Cmd: command?.length ? command : (image.Cmd ?? null), Entrypoint: image.Entrypoint ?? null }
}

const mergeHealthcheck = (body: ContainerConfig, image: RunConfig): Pick<ContainerConfig, 'Healthcheck'> => {
  const merged = {
    ...image.Healthcheck,
    ...Object.fromEntries(Object.entries(body.Healthcheck ?? {}).filter(([, value]) => value && String(value) !== '')),
  }
  return Object.keys(merged).length > 0 ? { Healthcheck: merged } : {}
}

/** What the container will be: the request, with the image's defaults where it is silent (docker's rules, field by field). */
export const mergeConfig = (body: ContainerCreateBody, image: RunConfig, hostname: string): ContainerConfig => ({
  Hostname: body.Hostname || hostname,
  Domainname: body.Domainname ?? '',
  User: body.User || image.User || '',
  AttachStdin: body.AttachStdin ?? false,
  AttachStdout: body.AttachStdout ?? false,
  AttachStderr: body.AttachStderr ?? false,
  ...mergedSets(body, image),
  Tty: body.Tty ?? false,
  OpenStdin: body.OpenStdin ?? false,
  StdinOnce: body.StdinOnce ?? false,
  Env: mergeEnv(body.Env, image.Env),
  ...mergeCommand(body, image),
  ...mergeHealthcheck(body, image),
  Image: body.Image ?? '',
  WorkingDir: body.WorkingDir || image.WorkingDir || '',
  OnBuild: null,
  Labels: { ...image.Labels, ...body.Labels },
  ...stopSettings(body, image),
  ...(image.Shell ? { Shell: image.Shell } : {}),
})

const mergedSets = (body: ContainerConfig, image: RunConfig): Pick<ContainerConfig, 'ExposedPorts' | 'Volumes'> => {
  const ports = { ...image.ExposedPorts, ...body.ExposedPorts }
  const volumes = { ...image.Volumes, ...body.Volumes }
  return {
    ...(Object.keys(ports).length > 0 ? { ExposedPorts: ports } : {}),
    Volumes: Object.keys(volumes).length > 0 ? volumes : null,
  }
}

const stopSettings = (body: ContainerConfig, image: RunConfig): Pick<ContainerConfig, 'StopSignal' | 'StopTimeout'> => {
  const signal = body.StopSignal || image.StopSignal
  const timeout = body.StopTimeout ?? image.StopTimeout
  return { ...(signal ? { StopSignal: signal } : {}), ...(timeout === undefined ? {} : { StopTimeout: timeout }) }
}

/** The program and its arguments: entrypoint and command, one after the other. */
export const commandOf = (config: ContainerConfig): readonly string[] => [
  ...(words(config.Entrypoint) ?? []),
  ...(words(config.Cmd) ?? []),
]
