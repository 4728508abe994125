import { MemoryContentStore } from './memory.ts'
import { contentStoreSuite } from './suite.ts'

contentStoreSuite('MemoryContentStore', async () => ({
  store: new MemoryContentStore(),
  async [Symbol.asyncDispose]() {},
}))
