import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'

/** When the browser first painted something, in ms: an element may be found in a page before it has been painted. */
const firstPaint = async (page: Page): Promise<number> => {
  const entry = () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime
  const painted = await page.waitForFunction(entry)
  return (await painted.jsonValue()) ?? Number.NaN
}

/** What the browser itself has measured of a page that it has just opened. */
const costOf = async (page: Page) => {
  const firstPaintMs = await firstPaint(page)
  const asked = await page.evaluate(() => {
    const entries = performance as unknown as { getEntriesByType(type: string): readonly { encodedBodySize: number }[] }
    const all = [...entries.getEntriesByType('navigation'), ...entries.getEntriesByType('resource')]
    return { requests: all.length, bytes: all.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0) }
  })
  return { ...asked, firstPaintMs }
}

const mostBytes = 250_000
const mostRequests = 20

/**
 * Throws where the page that was just opened is larger, compressed, or asks for more than a first page may. Returns a sentence
 * with the figures; when it was painted is in it, and held against nothing: the machine may be busy.
 */
export const checkCost = async (page: Page): Promise<string> => {
  const { requests, bytes, firstPaintMs } = await costOf(page)
  assert.ok(bytes < mostBytes, `${bytes} bytes`)
  assert.ok(requests <= mostRequests, `${requests} requests`)
  assert.ok(firstPaintMs > 0, 'it was painted')
  return `first page: ${requests} requests, ${Math.round(bytes / 1000)} kB, painted after ${Math.round(firstPaintMs)} ms`
}
