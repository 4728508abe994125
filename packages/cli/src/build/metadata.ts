/** What the exporters told, as `--metadata-file` has it: descriptors, which come as JSON in base64, are written out. */
export const metadataOf = (response: ReadonlyMap<string, string>, ref: string): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [
      ['buildx.build.ref', `default/default/${ref}`] as const,
      ...[...response].map(([name, value]) => [name, decode(value)] as const),
    ].sort(([one], [other]) => (one < other ? -1 : 1)),
  )

const decode = (value: string): unknown => {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return value
  try {
    const decoded: unknown = JSON.parse(Buffer.from(value, 'base64').toString())
    return typeof decoded === 'object' && decoded !== null ? decoded : value
  } catch {
    return value
  }
}

/** The image's id: of its config, where that is told. Empty: no image was made. */
export const imageIdOf = (response: ReadonlyMap<string, string>): string =>
  response.get('containerimage.config.digest') ?? response.get('containerimage.digest') ?? ''
