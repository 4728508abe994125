import { Exit } from '../exit.ts'

const typeAndPlatform = /^(index|index-descriptor|manifest|manifest-descriptor)(\[[A-Za-z0-9_/-]+\])?$/

/** One `--annotation [TYPE[PLATFORM],…:]KEY=VALUE`, as the attributes that ask an output for it. Throws Exit. */
export const readAnnotation = (text: string): readonly (readonly [name: string, value: string])[] => {
  const [, left, value] = /^([^=]*)=(.*)$/s.exec(text) ?? []
  if (left === undefined || value === undefined) {
    throw new Exit(1, `ERROR: invalid annotation ${JSON.stringify(text)}, expected key=value`)
  }
  const [, types, key] = /^([^:]*):(.*)$/s.exec(left) ?? []
  if (types === undefined) return [[`annotation.${left}`, value]]
  return types.split(',').map((one) => {
    const [, type, platform = ''] = typeAndPlatform.exec(one) ?? []
    if (type === undefined) throw new Exit(1, `ERROR: invalid annotation type ${JSON.stringify(one)}`)
    return [`annotation${type === 'manifest' ? '' : `-${type}`}${platform}.${key}`, value]
  })
}
