import { randomBytes } from 'node:crypto'
import { llb } from '@slipway/buildkit'
import { digestOf } from '@slipway/core'
import type { Reference } from './job.ts'

const scheme = 'slipway-result://'
const mostLinks = 256

/**
 * Results that one build may take from another (`target:` contexts of bake). The client gets a definition of one source op, whose
 * name only this daemon understands, and sends it along with the build that wants it.
 */
export class Links {
  readonly #references = new Map<string, Reference>()

  /** A definition that stands for what the reference will be. */
  define(reference: Reference): llb.Definition {
    const id = randomBytes(16).toString('hex')
    this.#references.set(id, reference)
    const [oldest] = this.#references.keys()
    if (this.#references.size > mostLinks && oldest !== undefined) this.#references.delete(oldest)
    const source = llb.op.encode({ source: { identifier: `${scheme}${id}` } })
    const digest = digestOf(source)
    const end = llb.op.encode({ inputs: [{ digest, index: 0 }] })
    // Clients take a definition without metadata for none.
    const metadata = new Map(
      [digest, digestOf(end)].map((name) => [name, { ignoreCache: false, description: new Map() }]),
    )
    return { def: [source, end], metadata }
  }

  /** What a definition of ours stands for; undefined: it is somebody else's. */
  resolve({ def }: llb.Definition): Reference | undefined {
    const identifier = llb.op.decode(def[0] ?? new Uint8Array()).source?.identifier ?? ''
    return identifier.startsWith(scheme) ? this.find(identifier.slice(scheme.length)) : undefined
  }

  find(id: string): Reference | undefined {
    return this.#references.get(id)
  }
}
