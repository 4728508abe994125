/** A row of GET /containers/{id}/changes. Kind 0: modified, 1: added, 2: deleted. */
export interface FilesystemChange {
  readonly Path: string
  readonly Kind: 0 | 1 | 2
}
