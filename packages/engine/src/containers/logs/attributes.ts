import { invalid } from '@slipway/core'
import type { ContainerRecord } from '../records.ts'

export type LogOptions = Readonly<Record<string, string>>

const shortLength = 12
const short = (id: string): string => id.replace(/^sha256:/, '').slice(0, shortLength)

/** What a tag's template may name, as docker calls it. */
const tagFields: Readonly<Record<string, (record: ContainerRecord) => string>> = {
  ID: ({ id }) => short(id),
  FullID: ({ id }) => id,
  Name: ({ name }) => name,
  ImageID: ({ imageId }) => short(imageId),
  ImageFullID: ({ imageId }) => imageId,
  ImageName: ({ definition }) => definition.image,
  DaemonName: () => 'slipway',
  Command: ({ definition: { config } }) => [config.Entrypoint ?? [], config.Cmd ?? []].flat().join(' '),
}

/** `{{.Name}}/{{.ID}}` with its fields filled in. Throws invalid for one that there isn't. */
export const tagOf = (template: string, record: ContainerRecord): string =>
  template.replace(/\{\{(.*?)\}\}/g, (_, inner: string) => {
    const field = tagFields[/^\s*\.(\w+)\s*$/.exec(inner)?.[1] ?? '']
    if (field !== undefined) return field(record)
    throw invalid(`template: log-tag: can't evaluate field {{${inner.slice(0, 80)}}} in type *logger.Info`)
  })

const parseRegex = (text: string): RegExp => {
  try {
    return new RegExp(text)
  } catch (error) {
    throw invalid(`error parsing regexp: ${text.slice(0, 80)}`, error)
  }
}

/** Of `all`, those that are named (`a,b`) or fit the pattern. */
const chosen = (
  all: Readonly<Record<string, string>>,
  names: string | undefined,
  pattern: string | undefined,
): readonly (readonly [string, string])[] => {
  const listed = new Set((names ?? '').split(','))
  const regex = pattern ? parseRegex(pattern) : undefined
  return Object.entries(all).filter(([name]) => listed.has(name) || regex?.test(name))
}

/** The labels and variables of a container that are to go with each of its lines. Throws invalid for a bad pattern. */
export const attributesOf = (
  { definition: { config } }: ContainerRecord,
  options: LogOptions,
): Record<string, string> => {
  const environment = Object.fromEntries(
    (config.Env ?? []).flatMap((line) => {
      const at = line.indexOf('=')
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : []
    }),
  )
  return Object.fromEntries([
    ...chosen(config.Labels ?? {}, options['labels'], options['labels-regex']),
    ...chosen(environment, options['env'], options['env-regex']),
  ])
}

/** As above, with the tag where one is asked for: what json-file keeps with each line, and `logs --details` shows. */
export const detailsOf = (record: ContainerRecord, options: LogOptions): Record<string, string> => {
  const attributes = attributesOf(record, options)
  return options['tag'] ? { ...attributes, tag: tagOf(options['tag'], record) } : attributes
}
