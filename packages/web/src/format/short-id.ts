/** The twelve characters that people know an id by, without `sha256:`. */
export const shortId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12)

/** `web` of `/web`. */
export const plainName = (name: string | undefined): string => (name ?? '').replace(/^\//, '')
