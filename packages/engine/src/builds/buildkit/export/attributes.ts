import { invalid, SlipwayError } from '@slipway/core'
import type { LayerForm } from '../../../images/layer-form.ts'
import { type Annotation, readAnnotations } from './annotations.ts'

type Attrs = ReadonlyMap<string, string>

/** What Go's ParseBool takes; nothing at all means yes. */
const flags: Readonly<Record<string, boolean>> = Object.fromEntries([
  ...['', '1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true]),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false]),
])

const quoted = (text: string): string => JSON.stringify(text.slice(0, 80))

/** Throws invalid. */
export const readFlag = (attrs: Attrs, name: string, absent = false): boolean => {
  const text = attrs.get(name)
  if (text === undefined) return absent
  const value = Object.hasOwn(flags, text) ? flags[text] : undefined
  if (value !== undefined) return value
  const what = name === 'force-compression' ? `non-bool value ${text.slice(0, 80)}` : 'non-bool value'
  throw invalid(`${what} specified for ${name}: strconv.ParseBool: parsing ${quoted(text)}: invalid syntax`)
}

/** By the names that clients have for them. */
const compressions: Readonly<Record<string, LayerForm['compression']>> = {
  uncompressed: 'none',
  gzip: 'gzip',
  zstd: 'zstd',
}

const readCompression = (attrs: Attrs): LayerForm['compression'] => {
  const name = attrs.get('compression') ?? 'gzip'
  const compression = Object.hasOwn(compressions, name) ? compressions[name] : undefined
  if (compression !== undefined) return compression
  if (name === 'estargz') throw new SlipwayError('unsupported', 'compression estargz is not supported')
  throw invalid(`unsupported compression type ${name.slice(0, 80)}`)
}

const highestLevel = { none: 0, gzip: 9, zstd: 22 } as const
const lowestLevel = { none: 0, gzip: 0, zstd: 1 } as const

/** Of zstd there are as many levels as one likes to name; gzip has ten, and -1, which leaves it to the one who compresses. */
const readLevel = (attrs: Attrs, compression: LayerForm['compression']): number | undefined => {
  const text = attrs.get('compression-level')
  if (text === undefined) return undefined
  if (!/^[+-]?\d{1,9}$/.test(text)) {
    const why = `strconv.ParseInt: parsing ${quoted(text)}: invalid syntax`
    throw invalid(`non-integer value ${text.slice(0, 80)} specified for compression-level: ${why}`)
  }
  const level = Number(text)
  if (compression === 'none' || (compression === 'gzip' && level === -1)) return undefined
  if (compression === 'gzip' && (level < 0 || level > highestLevel.gzip)) {
    throw invalid(`gzip: invalid compression level: ${level}`)
  }
  if (compression === 'zstd' && level === 0) return undefined
  return Math.min(Math.max(level, lowestLevel[compression]), highestLevel[compression])
}

/** How an image that leaves the builder is to look. */
export interface ImageForm {
  readonly layers: LayerForm
  /** Whose media types its manifest has; undefined: as the exporter likes. */
  readonly types: 'oci' | 'docker' | undefined
  readonly annotations: readonly Annotation[]
  /** Somebody has said something of it. */
  readonly isAsked: boolean
}

/** Throws invalid and unsupported, in BuildKit's words, before anything is built. */
export const readForm = (attrs: Attrs): ImageForm => {
  const compression = readCompression(attrs)
  const level = readLevel(attrs, compression)
  const annotations = readAnnotations(attrs)
  const isForced = readFlag(attrs, 'force-compression')
  const isOci = attrs.has('oci-mediatypes') ? readFlag(attrs, 'oci-mediatypes') : undefined
  // They say nothing here: times are clamped in every layer that is made, and no layer is foreign.
  for (const name of ['rewrite-timestamp', 'prefer-nondist-layers', 'attestation-inline']) readFlag(attrs, name)
  return {
    layers: { compression, isForced, ...(level === undefined ? {} : { level }) },
    types: isOci === undefined ? undefined : isOci ? 'oci' : 'docker',
    annotations,
    isAsked: annotations.length > 0 || isForced || isOci !== undefined || attrs.has('compression'),
  }
}
