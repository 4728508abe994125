import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { release } from 'node:os'
import { promisify } from 'node:util'
import type { ComponentVersion, SystemVersion } from '@slipway/client'
import { hostPlatform } from '@slipway/core'
import { apiVersion, minimumApiVersion } from '../api-version.ts'

const run = promisify(execFile)

/** Of Slipway itself. */
export const productVersion: string = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
).version

export interface Tools {
  readonly runc: string
  readonly shim: string
}

/** `runc version 1.1.5` → `1.1.5`; '' when the program says nothing of the kind. */
const versionOf = async (program: string, flag: string): Promise<string> => {
  const { stdout } = await run(program, [flag]).catch(() => ({ stdout: '' }))
  return /(?:version:?\s+)v?(\S+)/i.exec(stdout)?.[1] ?? ''
}

/** Asked once, at the first `version` or `info`: starting the programs takes longer than answering. */
export const toolVersions = (tools: Tools): (() => Promise<{ readonly runc: string; readonly shim: string }>) => {
  let versions: Promise<{ readonly runc: string; readonly shim: string }> | undefined
  const ask = async (): Promise<{ readonly runc: string; readonly shim: string }> => {
    const [runc, shim] = await Promise.all([versionOf(tools.runc, '--version'), versionOf(tools.shim, '-v')])
    return { runc, shim }
  }
  return () => {
    versions ??= ask()
    return versions
  }
}

/** `GET /version` */
export const systemVersion = async (
  versions: () => Promise<{ readonly runc: string; readonly shim: string }>,
): Promise<SystemVersion> => {
  const { runc, shim } = await versions()
  const kernel = release()
  const { architecture } = hostPlatform()
  const details = { ApiVersion: apiVersion, MinAPIVersion: minimumApiVersion, Os: 'linux', Arch: architecture }
  const components: readonly ComponentVersion[] = [
    { Name: 'Engine', Version: productVersion, Details: { ...details, KernelVersion: kernel, Experimental: 'false' } },
    { Name: 'node', Version: process.versions.node },
    { Name: 'containerd-shim-runc-v2', Version: shim },
    { Name: 'runc', Version: runc },
  ]
  return {
    Platform: { Name: 'Slipway' },
    Version: productVersion,
    ApiVersion: apiVersion,
    MinAPIVersion: minimumApiVersion,
    GitCommit: '',
    GoVersion: `node${process.versions.node}`,
    Os: 'linux',
    Arch: architecture,
    KernelVersion: kernel,
    Components: components,
    BuildTime: '',
  }
}
