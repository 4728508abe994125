import type { Job } from './job.ts'
import type { FrontendOptions } from './options.ts'

/** As clients write one, if they do. */
interface Import {
  readonly Type?: unknown
  readonly Attrs?: { readonly ref?: unknown } | null
}

/** Where the caches are that a client would like to be used (`--cache-from`). What can't be read names none. */
const importsIn = (options: FrontendOptions): readonly string[] => {
  try {
    const list = JSON.parse(options.get('cache-imports') ?? '[]') as readonly Import[]
    return list.map(({ Type, Attrs }) => String(Attrs?.ref ?? Type))
  } catch {
    return []
  }
}

/** A build does without a cache that it can't have, and is told so; to import one is not supported. */
export const refuseImports = ({ progress }: Job, options: FrontendOptions): void => {
  for (const from of importsIn(options)) {
    const step = progress.step(`importing cache manifest from ${from.slice(0, 300)}`).start()
    step.finish({ error: 'importing a build cache is not supported' })
  }
}
