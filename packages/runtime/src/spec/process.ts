import type { ProcessSpec } from '@slipway/core'
import type { OciCapabilities, OciProcess } from './oci.ts'

/**
 * As execve(2) would leave them: root gets them all, another user none until it runs a file that has some. docker does the
 * same, and sets no ambient or inheritable ones (CVE-2022-24769).
 */
export const ociCapabilities = (names: readonly string[], uid: number): OciCapabilities =>
  uid === 0 ? { bounding: names, effective: names, permitted: names } : { bounding: names }

/** An exec's process: what it doesn't say itself (limits, OOM score, labels) is the container's. */
export const ociProcess = (spec: ProcessSpec, container: OciProcess): OciProcess => ({
  ...container,
  terminal: spec.terminal,
  ...(spec.consoleSize === undefined ? {} : { consoleSize: spec.consoleSize }),
  user: spec.user,
  args: spec.args,
  env: spec.env,
  cwd: spec.cwd,
  capabilities: ociCapabilities(spec.capabilities, spec.user.uid),
  noNewPrivileges: spec.noNewPrivileges,
})
