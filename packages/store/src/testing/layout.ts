import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** An OCI layout on disk (image-spec image-layout.md) with one image, for programs that read nothing else. */
export class Layout {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  blobPath(digest: string): string {
    return join(this.path, 'blobs/sha256', digest.slice('sha256:'.length))
  }

  async #write(bytes: Uint8Array, mediaType: string) {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    await writeFile(this.blobPath(digest), bytes)
    return { mediaType, digest, size: bytes.length }
  }

  /** Makes it of these layers, from the bottom up: gzip files, and what their tars are. */
  async write(tag: string, layers: readonly { readonly path: string; readonly diffId: string }[]): Promise<void> {
    await mkdir(join(this.path, 'blobs/sha256'), { recursive: true })
    const type = (name: string): string => `application/vnd.oci.image.${name}`
    const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
    const diffIds = layers.map(({ diffId }) => diffId)
    const config = { architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: diffIds } }
    const manifest = {
      schemaVersion: 2,
      mediaType: type('manifest.v1+json'),
      config: await this.#write(bytesOf(config), type('config.v1+json')),
      layers: await Promise.all(
        layers.map(async ({ path }) => this.#write(await readFile(path), type('layer.v1.tar+gzip'))),
      ),
    }
    const described = await this.#write(bytesOf(manifest), manifest.mediaType)
    const annotations = { 'org.opencontainers.image.ref.name': tag }
    await writeFile(join(this.path, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
    await writeFile(
      join(this.path, 'index.json'),
      bytesOf({ schemaVersion: 2, manifests: [{ ...described, annotations }] }),
    )
  }
}
