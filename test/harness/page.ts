import { eventually } from './patience.ts'

/** The text that a web server answers with, as soon as it answers at all. */
export const pageAt = (url: string): Promise<string> =>
  eventually(`${url} answers`, async () => {
    // Who was asked counts it: one that answers slowly isn't asked again.
    const signal = AbortSignal.timeout(30_000)
    return fetch(url, { signal }).then(
      (answer) => answer.text(),
      () => undefined,
    )
  })
