import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Digest, digestOf, hasErrno, hexOf, type Ingest } from '@slipway/core'
import { Turns } from '../turns.ts'
import { FsIngest } from './fs-ingest.ts'

/** The writes under way of a store in files: `<folder>/<name>/{ref,data}`. */
export class FsIngests {
  readonly #folder: string
  readonly #isDirect: boolean
  readonly #turns = new Turns()

  /** `isDirect`: large content won't be read soon, and goes around the page cache. */
  constructor(folder: string, { isDirect = false }: { readonly isDirect?: boolean } = {}) {
    this.#folder = folder
    this.#isDirect = isDirect
  }

  /**
   * Makes the folder, and removes what nobody can take up: a write begins with its `data`, and one without was being made,
   * or removed, when the process died. Not while another process writes here.
   */
  async prepare(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    for (const name of await readdir(this.#folder)) {
      const hasBegun = !name.endsWith('.gone') && (await readdir(join(this.#folder, name))).includes('data')
      if (!hasBegun) await rm(join(this.#folder, name), { recursive: true, force: true })
    }
  }

  /** Opens the write named `ref`, or takes it up again. `install` makes the finished and fsynced file visible. */
  async open(ref: string, install: (path: string, digest: Digest) => Promise<void>): Promise<Ingest> {
    const release = await this.#turns.take(ref)
    try {
      const folder = join(this.#folder, hexOf(digestOf(ref)))
      return await FsIngest.open({ ref, folder, isDirect: this.#isDirect, install, release })
    } catch (error) {
      release()
      throw error
    }
  }

  async *list(): AsyncGenerator<{ ref: string; offset: number; updatedAt: Date }, void, void> {
    for (const name of await readdir(this.#folder)) {
      try {
        const ref = await readFile(join(this.#folder, name, 'ref'), 'utf8')
        const { size, mtime } = await stat(join(this.#folder, name, 'data'))
        yield { ref, offset: size, updatedAt: mtime }
      } catch (error) {
        // Committed or discarded meanwhile.
        if (!hasErrno(error, 'ENOENT')) throw error
      }
    }
  }
}
