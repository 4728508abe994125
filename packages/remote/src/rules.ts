import { type Compression, defaultRegistry, invalid, type Reference, repositoryOf, SlipwayError } from '@slipway/core'
import { coversHost } from './address.ts'

/** One entry of the configuration's `registries`: what is named `prefix…` is looked for elsewhere, or not at all. */
export interface RegistryRule {
  /** `docker.io`, `docker.io/library`, `registry.example:5000/team`. The longest that fits counts. */
  readonly prefix: string
  /** Where to pull from, tried in order, in place of the prefix. Name the prefix itself to fall back to it. */
  readonly pull?: readonly string[]
  readonly push?: string
  readonly search?: string
  readonly blocked?: boolean
  readonly insecure?: boolean
  /** How layers that were made here are compressed when they are pushed; default gzip, which every client reads. */
  readonly compression?: PushCompression
}

export type PushCompression = Exclude<Compression, 'none'>

export interface RegistryRules {
  readonly rules: readonly RegistryRule[]
  /** `--registry-mirror`: in place of docker.io, which is tried last. */
  readonly mirrors: readonly string[]
  /** `--insecure-registry`: hosts or CIDR ranges. */
  readonly insecure: readonly string[]
  /** Directories of certificates by registry, the first that has one for a registry counts. */
  readonly certificates: readonly string[]
}

/** Where a repository really is. */
export interface RegistryEndpoint {
  readonly registry: string
  readonly repository: string
  readonly insecure: boolean
  /** `10.0.0.0/8`: what of `--insecure-registry` can't be told from the name alone. */
  readonly insecureRanges: readonly string[]
  readonly certificates: readonly string[]
}

type Check = (value: unknown) => boolean
const isText: Check = (value) => typeof value === 'string' && value !== ''
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText)
const isFlag: Check = (value) => typeof value === 'boolean'
const isCompression: Check = (value) => value === 'gzip' || value === 'zstd'

const fields: Readonly<Record<keyof RegistryRule, { readonly check: Check; readonly wanted: string }>> = {
  prefix: { check: isText, wanted: 'a text' },
  pull: { check: isTexts, wanted: 'a list of texts' },
  push: { check: isText, wanted: 'a text' },
  search: { check: isText, wanted: 'a text' },
  blocked: { check: isFlag, wanted: 'true or false' },
  insecure: { check: isFlag, wanted: 'true or false' },
  compression: { check: isCompression, wanted: '"gzip" or "zstd"' },
}

const parseRule = (value: unknown, place: number): RegistryRule => {
  const fail = (why: string): never => {
    throw invalid(`registries[${place}]: ${why}`)
  }
  if (typeof value !== 'object' || value === null) return fail('must be an object')
  for (const [name, given] of Object.entries(value)) {
    const field = (fields as Readonly<Record<string, (typeof fields)['prefix']>>)[name]
    if (field === undefined) fail(`unknown key "${name}"`)
    else if (!field.check(given)) fail(`"${name}" must be ${field.wanted}`)
  }
  const rule = value as Partial<RegistryRule>
  return rule.prefix === undefined ? fail('"prefix" is missing') : { ...rule, prefix: rule.prefix }
}

/** `http://127.0.0.1:5000/` as `127.0.0.1:5000`, and whether it asked for plain HTTP. */
const readPlace = (text: string): { readonly place: string; readonly plain: boolean } => {
  const place = text.replace(/^https?:\/\//, '').replace(/\/+$/, '')
  if (!/^[a-zA-Z0-9.:[\]_-]+(?:\/[a-z0-9._/-]+)?$/.test(place)) throw invalid(`invalid registry address "${text}"`)
  return { place, plain: text.startsWith('http://') }
}

/** Reads the `registries` of the configuration, and dockerd's two flags. Throws invalid, saying which entry is wrong. */
export const parseRegistryRules = (
  registries: unknown,
  flags: Partial<Pick<RegistryRules, 'mirrors' | 'insecure' | 'certificates'>> = {},
): RegistryRules => {
  if (registries !== undefined && !Array.isArray(registries)) throw invalid('registries must be a list')
  const rules = ((registries ?? []) as readonly unknown[]).map(parseRule)
  const mirrors = flags.mirrors ?? []
  for (const place of [...mirrors, ...rules.flatMap(({ pull = [], push, search }) => [...pull, push, search])]) {
    if (place !== undefined) readPlace(place)
  }
  return { rules, mirrors, insecure: flags.insecure ?? [], certificates: flags.certificates ?? [] }
}

const covers = (prefix: string, name: string): boolean => name === prefix || name.startsWith(`${prefix}/`)

const ruleFor = ({ rules }: RegistryRules, name: string): RegistryRule | undefined => {
  const fitting = rules.filter(({ prefix }) => covers(prefix, name))
  return fitting.toSorted((a, b) => b.prefix.length - a.prefix.length)[0]
}

const refuseBlocked = (rule: RegistryRule | undefined, name: string): void => {
  if (rule?.blocked === true) {
    throw new SlipwayError('forbidden', `registry access to ${name} is blocked by the configuration`)
  }
}

/** `name` with `place` in place of `prefix`. */
const endpointAt = (rules: RegistryRules, name: string, prefix: string, target: string): RegistryEndpoint => {
  const { place, plain } = readPlace(target)
  const full = place + name.slice(prefix.length)
  const slash = full.indexOf('/')
  const registry = slash === -1 ? full : full.slice(0, slash)
  const own = ruleFor(rules, full)
  const insecure = plain || own?.insecure === true || rules.insecure.some((entry) => coversHost(entry, registry))
  const repository = slash === -1 ? '' : full.slice(slash + 1)
  const insecureRanges = rules.insecure.filter((entry) => entry.includes('/'))
  return { registry, repository, insecure, insecureRanges, certificates: rules.certificates }
}

/** Where to pull from, best first. When one doesn't have it or is away, ask the next. Throws forbidden when it is blocked. */
export const pullEndpoints = (rules: RegistryRules, reference: Reference): readonly RegistryEndpoint[] => {
  const name = repositoryOf(reference)
  const rule = ruleFor(rules, name)
  refuseBlocked(rule, name)
  const mirrors = reference.registry === defaultRegistry && rule?.pull === undefined ? rules.mirrors : []
  const mapped = rule === undefined ? [] : (rule.pull ?? [rule.prefix])
  return [
    ...mirrors.map((place) => endpointAt(rules, name, reference.registry, place)),
    ...mapped.map((place) => endpointAt(rules, name, rule?.prefix ?? '', place)),
    ...(rule === undefined ? [endpointAt(rules, name, name, name)] : []),
  ]
}

/** Where to push to, and what it takes. Throws forbidden when it is blocked. */
export const pushEndpoint = (
  rules: RegistryRules,
  reference: Reference,
): RegistryEndpoint & { readonly compression: PushCompression } => {
  const name = repositoryOf(reference)
  const rule = ruleFor(rules, name)
  refuseBlocked(rule, name)
  const prefix = rule?.prefix ?? name
  return { ...endpointAt(rules, name, prefix, rule?.push ?? prefix), compression: rule?.compression ?? 'gzip' }
}

/** Where `docker login` proves itself: where one would push, or else pull. */
export const loginEndpoint = (rules: RegistryRules, registry: string): RegistryEndpoint => {
  const rule = ruleFor(rules, registry)
  refuseBlocked(rule, registry)
  return endpointAt(rules, registry, registry, rule?.push ?? rule?.pull?.[0] ?? registry)
}

/** Where `docker search` asks. */
export const searchEndpoint = (rules: RegistryRules, registry: string): RegistryEndpoint => {
  const rule = ruleFor(rules, registry)
  refuseBlocked(rule, registry)
  return endpointAt(rules, registry, registry, rule?.search ?? registry)
}
