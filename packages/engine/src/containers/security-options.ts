import { invalid } from '@slipway/core'
import { parseSeccompProfile, type SpecInput } from '@slipway/runtime'

export interface SecurityOptions {
  readonly seccomp?: SpecInput['seccomp']
  readonly noNewPrivileges?: boolean
  readonly unmasked?: boolean
  readonly writableCgroups?: boolean
}

const readBoolean = (name: string, text: string): boolean => {
  if (/^(1|t|true)$/i.test(text)) return true
  if (/^(0|f|false)$/i.test(text)) return false
  throw invalid(`invalid --security-opt 2: "${name}=${text.slice(0, 80)}"`)
}

const readOption = (option: string): SecurityOptions => {
  if (option === 'no-new-privileges') return { noNewPrivileges: true }
  const [, name = '', value = ''] = /^([^=:]+)[=:](.*)$/s.exec(option) ?? []
  switch (name) {
    case '':
      throw invalid(`invalid --security-opt 1: ${JSON.stringify(option.slice(0, 80))}`)
    case 'no-new-privileges':
      return { noNewPrivileges: readBoolean(name, value) }
    case 'writable-cgroups':
      return { writableCgroups: readBoolean(name, value) }
    case 'seccomp':
      if (value === 'unconfined') return { seccomp: 'unconfined' }
      return value === 'builtin' ? {} : { seccomp: parseSeccompProfile(value) }
    case 'systempaths':
      if (value === 'unconfined') return { unmasked: true }
      break
    // Of kernels that have neither there is nothing to change.
    case 'label':
    case 'apparmor':
      return {}
  }
  throw invalid(`invalid --security-opt 2: ${JSON.stringify(option.slice(0, 80))}`)
}

/** `--security-opt`: each is `name=value` (old clients: `name:value`). Throws invalid in docker's words. */
export const securityOptions = (options: readonly string[]): SecurityOptions =>
  Object.assign({}, ...options.map(readOption))
