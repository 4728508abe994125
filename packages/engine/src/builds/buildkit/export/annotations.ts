import { formatPlatform, invalid, type Platform } from '@slipway/core'

/** What an annotation is put on; there is no index here to put one on. */
const places = ['manifest', 'manifest-descriptor', 'index', 'index-descriptor'] as const
type AnnotationPlace = (typeof places)[number]

export interface Annotation {
  readonly place: AnnotationPlace
  /** Only on the image for it. */
  readonly platform: string | undefined
  readonly name: string
  readonly value: string
}

const isPlace = (text: string): text is AnnotationPlace => places.some((place) => place === text)

/** `annotation.name`, `annotation-manifest-descriptor[linux/amd64].name`. Throws invalid for a place that there isn't. */
export const readAnnotations = (attrs: ReadonlyMap<string, string>): readonly Annotation[] =>
  [...attrs].flatMap(([key, value]) => {
    const [, place = 'manifest', platform, name] =
      /^annotation(?:-([a-z-]+))?(?:\[([\w/.-]+)\])?\.(\S+)$/.exec(key) ?? []
    if (name === undefined) return []
    if (!isPlace(place)) throw invalid(`unrecognized annotation type ${place.slice(0, 80)}`)
    return [{ place, platform, name, value }]
  })

/** Those of one place that are for an image; undefined: none. Throws invalid for those that need an index. */
export const annotationsFor = (
  annotations: readonly Annotation[],
  place: 'manifest' | 'manifest-descriptor',
  platform: Platform,
): Readonly<Record<string, string>> | undefined => {
  if (annotations.some((each) => each.place.startsWith('index'))) {
    throw invalid('index annotations not supported for single platform export')
  }
  const meant = annotations.filter(
    (each) => each.place === place && (each.platform === undefined || each.platform === formatPlatform(platform)),
  )
  if (meant.length === 0) return undefined
  return Object.fromEntries(meant.map(({ name, value }) => [name, value] as const).sort(([a], [b]) => (a < b ? -1 : 1)))
}
