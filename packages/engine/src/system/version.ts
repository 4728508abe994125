import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { release } from 'node:os'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import type { ComponentVersion, SystemVersion } from '@slipway/client'
import { hostPlatform } from '@slipway/core'
import { type OciRuntimes, runtimeNamed } from '@slipway/runtime'
import { apiVersion, minimumApiVersion } from '../api-version.ts'
import { findInit } from '../containers/init-program.ts'

const run = promisify(execFile)

/** Of Slipway itself. */
export const productVersion: string = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
).version

/** Names and versions of what containers run under. */
export interface ToolVersions {
  readonly shim: string
  /** Of the default OCI runtime. */
  readonly runtime: { readonly name: string; readonly version: string }
  /** Of what `--init` starts; both empty when there is none. */
  readonly init: { readonly name: string; readonly version: string }
}

/** `runc version 1.1.5` → `1.1.5`; '' when the program says nothing of the kind. */
const versionOf = async (program: string, flag: string): Promise<string> => {
  const { stdout } = await run(program, [flag]).catch(() => ({ stdout: '' }))
  return /(?:version:?\s+)v?(\S+)/i.exec(stdout)?.[1] ?? ''
}

/** Asked once, at the first `version` or `info`: starting the programs takes longer than answering. */
export const toolVersions = (shim: string, runtimes: OciRuntimes): (() => Promise<ToolVersions>) => {
  const { name, program } = runtimeNamed(runtimes)
  let versions: Promise<ToolVersions> | undefined
  const ask = async (): Promise<ToolVersions> => {
    const init = findInit()
    const [version, ofShim, ofInit] = await Promise.all([
      versionOf(program, '--version'),
      versionOf(shim, '-v'),
      init === undefined ? '' : versionOf(init, '--version'),
    ])
    return { shim: ofShim, runtime: { name, version }, init: { name: basename(init ?? ''), version: ofInit } }
  }
  return () => {
    versions ??= ask()
    return versions
  }
}

/** `GET /version` */
export const systemVersion = async (versions: () => Promise<ToolVersions>): Promise<SystemVersion> => {
  const { shim, runtime } = await versions()
  const kernel = release()
  const { architecture } = hostPlatform()
  const details = { ApiVersion: apiVersion, MinAPIVersion: minimumApiVersion, Os: 'linux', Arch: architecture }
  const unknown = { GitCommit: '', GoVersion: `node${process.versions.node}`, BuildTime: '' }
  const components: readonly ComponentVersion[] = [
    {
      Name: 'Engine',
      Version: productVersion,
      Details: { ...details, KernelVersion: kernel, Experimental: 'false', ...unknown },
    },
    { Name: 'node', Version: process.versions.node, Details: {} },
    { Name: 'containerd-shim-runc-v2', Version: shim, Details: { GitCommit: '' } },
    { Name: runtime.name, Version: runtime.version, Details: { GitCommit: '' } },
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
