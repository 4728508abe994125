import { isIP } from 'node:net'

/**
 * What docker's client judges by itself, word by word, before it asks its engine. Each gives its word back, or throws an Error.
 */

export const environmentWord = (word: string): string => {
  if (word === '' || word.startsWith('=')) throw new Error(`invalid environment variable: ${word}`)
  return word
}

export const labelWord = (word: string): string => {
  if (word.startsWith('=')) throw new Error(`invalid label '${word}': empty name`)
  return word
}

export const deviceRuleWord = (word: string): string => {
  if (!/^[acb] ([0-9]+|\*):([0-9]+|\*) [rwm]{1,3}$/.test(word))
    throw new Error(`invalid device cgroup format '${word}'`)
  return word
}

const sysctls: readonly string[] = [
  ...['msgmax', 'msgmnb', 'msgmni', 'sem', 'shmall', 'shmmax', 'shmmni', 'shm_rmid_forced'].map(
    (name) => `kernel.${name}`,
  ),
]

export const sysctlWord = (word: string): string => {
  const [name = '', ...value] = word.split('=')
  const isNamespaced = sysctls.includes(name) || name.startsWith('net.') || name.startsWith('fs.mqueue.')
  if (value.length === 0 || !isNamespaced) throw new Error(`sysctl '${word}' is not allowed`)
  return word
}

export const dnsWord = (word: string): string => {
  if (isIP(word.trim()) === 0) throw new Error(`IP address is not correctly formatted: ${word}`)
  return word.trim()
}

/** docker takes `name=address` too, and sends it with a colon. */
export const hostWord = (word: string): string => {
  const equals = word.indexOf('=')
  const cut = equals === -1 ? word.indexOf(':') : equals
  if (cut <= 0) throw new Error(`bad format for add-host: ${JSON.stringify(word)}`)
  const address = word.slice(cut + 1)
  const bare = address.replace(/^\[(.*)\]$/, '$1')
  if (address !== 'host-gateway' && isIP(bare) === 0) {
    throw new Error(`invalid IP address in add-host: ${JSON.stringify(address)}`)
  }
  return `${word.slice(0, cut)}:${bare}`
}

const ulimits: readonly string[] = [
  ...['core', 'cpu', 'data', 'fsize', 'locks', 'memlock', 'msgqueue', 'nice'],
  ...['nofile', 'nproc', 'rss', 'rtprio', 'rttime', 'sigpending', 'stack'],
]

export const ulimitName = (name: string): string => {
  if (!ulimits.includes(name)) throw new Error(`invalid ulimit type: ${name}`)
  return name
}

/** Namespaces that may be another's, by flag: docker's name for the mode, and what it may be. */
const modes = {
  pid: ['PID', /^(?:host|container:.+)?$/],
  uts: ['UTS', /^(?:host)?$/],
  userns: ['USER', /^(?:host)?$/],
  cgroupns: ['CGROUP', /^(?:host|private)?$/],
} as const

/** What is wrong with the first of the modes that can't be; undefined: nothing. */
export const modeProblem = (
  flags: Readonly<Partial<Record<keyof typeof modes, string | undefined>>>,
): string | undefined => {
  for (const flag of Object.keys(modes) as (keyof typeof modes)[]) {
    const [name, pattern] = modes[flag]
    if (!pattern.test(flags[flag] ?? '')) return `--${flag}: invalid ${name} mode`
  }
  return undefined
}
