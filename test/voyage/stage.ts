import type { Client } from '../harness/client.ts'
import type { TestEngine } from '../harness/engine.ts'
import type { TestRegistry } from '../harness/registry.ts'
import type { Scratch } from '../harness/scratch.ts'

/** What one voyage sails with. */
export interface Stage {
  readonly client: Client
  readonly engine: TestEngine
  /** It stands for docker.io, too. */
  readonly registry: TestRegistry
  readonly scratch: Scratch
}
