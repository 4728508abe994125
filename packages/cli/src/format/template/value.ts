/** A method of a row, such as `.Label "name"`. */
export type Method = (...args: readonly unknown[]) => unknown

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Go's: everything that is zero or empty is false. */
export const isTrue = (value: unknown): boolean => {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return false
  if (Array.isArray(value)) return value.length > 0
  return isRecord(value) ? Object.keys(value).length > 0 : true
}

/** Go walks maps in the order of their keys. */
export const sortedEntries = (map: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] =>
  Object.entries(map).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))

/** Fields of the API that are maps in Go, lists, and pointers: JSON's null says nothing of that. */
const maps = new Set(
  'Annotations Config Containers DriverOpts ExposedPorts Labels Networks Options PortBindings Ports Runtimes StorageOpt Sysctls Tmpfs Volumes'.split(
    ' ',
  ),
)
const lists = new Set(
  (
    'Aliases Args Binds BlkioDeviceReadBps BlkioDeviceReadIOps BlkioDeviceWriteBps BlkioDeviceWriteIOps BlkioWeightDevice ' +
    'CapAdd CapDrop Cmd DNSNames DeviceCgroupRules DeviceRequests Devices Dns DnsOptions DnsSearch Entrypoint Env ExecIDs ' +
    'ExtraHosts GroupAdd Layers Links MaskedPaths Mounts OnBuild ReadonlyPaths RepoDigests RepoTags SecondaryIPAddresses ' +
    'SecondaryIPv6Addresses SecurityOpt Shell Ulimits VolumesFrom Warnings'
  ).split(' '),
)
const pointers = new Set(
  'Health Healthcheck IPAMConfig ImageManifestDescriptor Init MemorySwappiness OomKillDisable PidsLimit SizeRootFs SizeRw StopTimeout'.split(
    ' ',
  ),
)

/** Of their keys, too, some have no value: ports that aren't published. */
const holdsLists = (field: string | undefined): boolean => field === 'Ports' || field === 'PortBindings'

/** True when the API leaves this field out of its JSON while it is empty. */
export const isOptionalField = (name: string): boolean => maps.has(name) || lists.has(name) || pointers.has(name)

/** A record whose names all begin with a capital is a struct in Go, unless its field is known to be a map. */
const isMap = (record: Readonly<Record<string, unknown>>, field: string | undefined): boolean =>
  (field !== undefined && maps.has(field)) || !Object.keys(record).every((key) => /^[A-Z]/.test(key))

const printEmpty = (field: string | undefined): string => {
  if (field !== undefined && maps.has(field)) return 'map[]'
  return field !== undefined && lists.has(field) ? '[]' : '<nil>'
}

const printInner = (value: unknown, field?: string): string => {
  if (value === null || value === undefined) return printEmpty(field)
  if (Array.isArray(value)) return `[${value.map((one) => printInner(one)).join(' ')}]`
  if (!isRecord(value)) return String(value)
  if (isMap(value, field)) {
    return `map[${sortedEntries(value)
      .map(([key, one]) => `${key}:${one === null && holdsLists(field) ? '[]' : printInner(one)}`)
      .join(' ')}]`
  }
  return `{${Object.entries(value)
    .map(([key, one]) => printInner(one, key))
    .join(' ')}}`
}

/** As Go's `%v` prints it. `field`: the name under which it was found. */
export const printField = (value: unknown, field: string | undefined): string =>
  (value === null || value === undefined) && (field === undefined || !isOptionalField(field))
    ? '<no value>'
    : printInner(value, field)

export const printValue = (value: unknown): string => printField(value, undefined)

/** As Go's encoder: maps in the order of their keys, structs as they are; what has a `toJSON` knows its own way. */
const ordered = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(ordered)
  if (!isRecord(value) || 'toJSON' in value) return value
  const entries = isMap(value, undefined) ? sortedEntries(value) : Object.entries(value)
  return Object.fromEntries(entries.map(([key, one]) => [key, ordered(one)]))
}

export const toJson = (value: unknown): string => JSON.stringify(ordered(value ?? null))
