/** A layer of an image, as GET /slipway/images/{name}/layers begins it. */
export interface ImageLayer {
  readonly diffId: string
  readonly chainId: string
  /** The step that made it; empty when the image doesn't say. */
  readonly createdBy: string
}

/** One entry of a layer. */
export interface LayerFile {
  /** Absolute, as seen inside the container. */
  readonly path: string
  /** `deleted`: of the layers below; `opaque`: all that the layers below have in this directory is deleted. */
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'char' | 'block' | 'fifo' | 'deleted' | 'opaque'
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  /** Bytes of a file. */
  readonly size?: number
  /** Where a symlink leads, or the path of the file that a hard link is. */
  readonly link?: string
  /** Of a file's bytes. */
  readonly digest?: string
}

/** A line of the stream: a layer begins, one of its entries, or why there are no more. */
export type LayerLine = { readonly layer: ImageLayer } | LayerFile | { readonly error: string }

/** GET /slipway/mounts */
export interface ImageMount {
  /** On the engine's machine. */
  readonly path: string
  /** Of what is mounted there: its image's names, or ids when it has none. */
  readonly images: readonly string[]
}
