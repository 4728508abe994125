import { eventually } from './patience.ts'

/** The text that a web server answers with, as soon as it answers at all. */
export const pageAt = (url: string): Promise<string> =>
  eventually(`${url} answers`, async () => {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined)
    return answer?.text()
  })
