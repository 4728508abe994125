import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestEngine } from '../harness/engine.ts'
import type { Scratch } from '../harness/scratch.ts'

const dockerfile = `FROM busybox
RUN mkdir -p /tree/opaque /tree/kept && echo old > /tree/opaque/old && echo gone > /tree/gone && echo kept > /tree/kept/file
RUN rm -r /tree/gone /tree/opaque && mkdir /tree/opaque && echo new > /tree/opaque/new && ln /tree/kept/file /tree/linked && chmod 4755 /tree/linked
RUN ln -s kept/file /tree/link && touch "/tree/$(printf 'n\\303\\244me with space')"
CMD ["sh", "-c", "cat /tree/link && find /tree | sort"]
`

/** What running the sample prints. */
export const sampleSays = [
  'kept',
  '/tree',
  '/tree/kept',
  '/tree/kept/file',
  '/tree/link',
  '/tree/linked',
  '/tree/näme with space',
  '/tree/opaque',
  '/tree/opaque/new',
].join('\n')

/** Builds an image in which most of what layers can say is said. */
export const buildSample = async (engine: TestEngine, scratch: Scratch, name: string): Promise<void> => {
  const context = join(scratch.path, 'sample')
  await mkdir(context, { recursive: true })
  await writeFile(join(context, 'Dockerfile'), dockerfile)
  await engine.client().ok(['build', '-t', name, context])
}
