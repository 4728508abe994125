import { hostPlatform, type Platform } from './descriptor.ts'
import { invalid } from './errors.ts'

/** The parts of `os/architecture/variant`, as containerd's platforms package takes them. */
const component = /^[A-Za-z0-9_.-]+$/
const systems = new Set(['linux', 'windows', 'darwin', 'freebsd', 'netbsd', 'openbsd', 'solaris', 'illumos', 'wasip1'])

/** Other words for the same machine; some name a variant with it. */
const machines: ReadonlyMap<string, readonly [architecture: string, variant?: string]> = new Map([
  ['i386', ['386']],
  ['x86_64', ['amd64']],
  ['x86-64', ['amd64']],
  ['aarch64', ['arm64']],
  ['armhf', ['arm', 'v7']],
  ['armel', ['arm', 'v6']],
])
const architectures = new Set('386 amd64 arm arm64 loong64 mips64 mips64le ppc64le riscv64 s390x wasm'.split(' '))

/** `7` is `v7`; what every amd64 has is left out. */
const variantOf = (architecture: string, typed: string): string | undefined => {
  const variant = /^\d/.test(typed) ? `v${typed}` : typed
  return variant === '' || (architecture === 'amd64' && variant === 'v1') ? undefined : variant
}

/** As Go's SplitN: the fourth part is all the rest. */
const split = (text: string): readonly string[] => {
  const parts = text.split('/')
  return parts.length <= 4 ? parts : [...parts.slice(0, 3), parts.slice(3).join('/')]
}

/** `linux/arm64/v8`, `linux/x86_64`, `arm64`, `linux`. Throws invalid, in containerd's words. */
export const parsePlatform = (text: string): Platform => {
  const shown = JSON.stringify(text.slice(0, 200))
  const parts = split(text)
  for (const part of parts) {
    if (component.test(part)) continue
    const said = `${JSON.stringify(part.slice(0, 200))} is an invalid component of ${shown}`
    throw invalid(
      `${said}: platform specifier component must match ${JSON.stringify(component.source)}: invalid argument`,
    )
  }
  if (parts.length > 3) throw invalid(`${shown}: cannot parse platform specifier: invalid argument`)
  const [first = '', second = '', third = ''] = parts.map((part) => part.toLowerCase())
  const alone = parts.length === 1
  if (alone && systems.has(first)) return { ...hostPlatform(), os: first }
  const [architecture, implied = ''] = machines.get(alone ? first : second) ?? [alone ? first : second]
  if (alone && !architectures.has(architecture)) {
    throw invalid(`${shown}: unknown operating system or architecture: invalid argument`)
  }
  const its = variantOf(architecture, third || implied)
  return { os: alone ? 'linux' : first, architecture, ...(its === undefined ? {} : { variant: its }) }
}
