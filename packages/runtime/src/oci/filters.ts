import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { OciSpec } from '../spec/oci.ts'

/** crun.1: the compiled filter in base64, used in place of `linux.seccomp`. What doesn't know it compiles that. */
const annotation = 'run.oci.seccomp_bpf_data'
/** Different profiles and sets of capabilities have different filters, of some 6 KB. */
const maximumKept = 64
const instructionLength = 8

/**
 * System call filters that crun has compiled. libseccomp takes 15 to 20 ms for docker's default profile, each time; crun leaves
 * what came of it beside its state, and takes it back in an annotation.
 */
export class FilterCache {
  readonly #known = new Map<string, string>()
  /** Keys of what is being compiled, by container id. */
  readonly #awaited = new Map<string, string>()

  /** The spec of a container that is about to be created, with its filter if that is known. */
  apply(id: string, spec: OciSpec): OciSpec {
    const { seccomp } = spec.linux
    if (seccomp === undefined) return spec
    const key = createHash('sha256').update(JSON.stringify(seccomp)).digest('base64')
    const filter = this.#known.get(key)
    if (filter !== undefined) return { ...spec, annotations: { [annotation]: filter, ...spec.annotations } }
    if (spec.annotations?.[annotation] === undefined) this.#awaited.set(id, key)
    return spec
  }

  /** Keeps the filter of a container that has been created; `state` is where crun has its state. */
  async learn(id: string, state: string): Promise<void> {
    const key = this.#awaited.get(id)
    this.#awaited.delete(id)
    if (key === undefined) return
    const filter = await readFile(join(state, 'seccomp.bpf')).catch(() => Buffer.alloc(0))
    if (filter.length === 0 || filter.length % instructionLength !== 0) return
    this.#known.set(key, filter.toString('base64'))
    const [oldest] = this.#known.keys()
    if (this.#known.size > maximumKept && oldest !== undefined) this.#known.delete(oldest)
  }

  /** A container that could not be created. */
  forget(id: string): void {
    this.#awaited.delete(id)
  }
}
