import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

interface Entry {
  readonly digest?: string
  readonly annotations?: Readonly<Record<string, string>>
}

const nameKey = 'io.containerd.image.name'
const tagKey = 'org.opencontainers.image.ref.name'

/** What the layout names already. */
const readEntries = async (path: string): Promise<readonly Entry[]> => {
  try {
    const { manifests } = JSON.parse(await readFile(path, 'utf8')) as { readonly manifests?: readonly Entry[] }
    return Array.isArray(manifests) ? manifests : []
  } catch {
    return []
  }
}

/** `docker.io/library/app:1` is tagged `1`. */
const tagOf = (name: string): string => /:([^:/@]+)$/.exec(name)?.[1] ?? ''

/** A file is there whole, or as it was. */
const replace = async (path: string, value: unknown): Promise<void> => {
  const written = `${path}.${process.pid}.part`
  try {
    await writeFile(written, JSON.stringify(value))
    await rename(written, path)
  } catch (error) {
    await rm(written, { force: true })
    throw error
  }
}

/**
 * Writes what names the blobs that came into a layout: `index.json`, in which what it named before stays, but for the same names,
 * and `oci-layout`. `response`: what the daemon said of the build.
 */
export const nameInLayout = async (root: string, response: ReadonlyMap<string, string>): Promise<void> => {
  const told = response.get('containerimage.descriptor')
  if (told === undefined) return
  const descriptor = JSON.parse(Buffer.from(told, 'base64').toString()) as Entry
  const names = (response.get('image.name') ?? '').split(',').filter(Boolean)
  const added: readonly Entry[] =
    names.length === 0
      ? [descriptor]
      : names.map((name) => ({
          ...descriptor,
          annotations: { ...descriptor.annotations, [nameKey]: name, [tagKey]: tagOf(name) },
        }))
  await mkdir(root, { recursive: true })
  const path = join(root, 'index.json')
  const isReplaced = ({ digest, annotations }: Entry): boolean => {
    const name = annotations?.[nameKey]
    return name === undefined ? digest === descriptor.digest : names.includes(name)
  }
  const kept = (await readEntries(path)).filter((entry) => !isReplaced(entry))
  await replace(join(root, 'oci-layout'), { imageLayoutVersion: '1.0.0' })
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  await replace(path, { schemaVersion: 2, mediaType, manifests: [...kept, ...added] })
}
