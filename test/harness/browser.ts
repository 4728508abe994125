import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page, type Request } from 'playwright-core'
import { root } from './place.ts'
import { callWitness } from './testimony.ts'

/** What a browser that is tested needs: no sandbox, since it is root's, and nothing that asks the network on its own. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: '/usr/bin/chromium', args: flags })

/** With SLIPWAY_SCREENSHOTS=1, pictures of the pages go to docs/screenshots. */
export const picture = async (page: Page, name: string): Promise<void> => {
  if (process.env['SLIPWAY_SCREENSHOTS'] !== '1') return
  const directory = join(root, 'docs/screenshots')
  await mkdir(directory, { recursive: true })
  await page.screenshot({ path: join(directory, `${name}.png`) })
}

/**
 * The browser's own notes: of a call that was refused, where the page says what the refusal was, and of one that it broke off
 * because a link came or went, as links of containers do; the page asks again.
 */
const isNote = (text: string): boolean =>
  /the server responded with a status of 4\d\d|net::ERR_NETWORK_CHANGED/.test(text)

/** What the page's console and its errors say: a page that is well says nothing. */
const complaintsOf = (page: Page): readonly string[] => {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' && !isNote(message.text())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return complaints
}

const textOf = async (page: Page): Promise<string> =>
  page.isClosed() ? 'closed' : `\n${await page.locator('body').ariaSnapshot({ timeout: 5000 })}`

export interface OpenPage {
  readonly page: Page
  readonly complaints: readonly string[]
}

/** In milliseconds. A safety net: what a page has to show, it shows as soon as the machine lets it. */
const patience = 60_000

/** A person with a browser of their own, that nobody has signed in with; everything on the page is waited for. */
export const openPage = async (browser: Browser, options: BrowserContextOptions = {}): Promise<OpenPage> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options })
  context.setDefaultTimeout(patience)
  const page = await context.newPage()
  callWitness(async () => `the page ${page.url()}: ${await textOf(page)}`)
  return { page, complaints: complaintsOf(page) }
}

const networkChanged = 'net::ERR_NETWORK_CHANGED'

/**
 * `page.goto(…)` or `page.reload()`, until the page's program runs: the browser breaks off what it loads when a link of a container
 * comes or goes. Then the page is loaded anew, for to go to an address that only differs in its fragment, or in nothing, loads
 * nothing.
 */
export const load = async (page: Page, going: () => Promise<unknown>): Promise<void> => {
  const { promise: broken, resolve } = Promise.withResolvers<boolean>()
  const onFailed = (request: Request): void => {
    // What its program asks for is the program's to ask again.
    if (request.resourceType() !== 'fetch' && request.failure()?.errorText === networkChanged) resolve(true)
  }
  page.on('requestfailed', onFailed)
  try {
    await going()
    const program = page.locator('#root > *').first().waitFor({ state: 'attached' })
    const shown = program.then(
      () => false,
      () => false,
    )
    if (!(await Promise.race([shown, broken]))) return
  } catch (error) {
    if (!String(error).includes(networkChanged)) throw error
    return load(page, going)
  } finally {
    page.off('requestfailed', onFailed)
  }
  await load(page, () => page.reload())
}

interface Axe {
  readonly run: () => Promise<{
    readonly violations: readonly {
      readonly id: string
      readonly impact: string | null
      readonly nodes: readonly { readonly html: string }[]
    }[]
  }>
}

/** What keeps people with a disability from using the page, in the words of axe; only what it calls serious or worse. */
export const barriersOf = async (page: Page): Promise<readonly string[]> => {
  const path = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
  if (!(await page.evaluate(() => 'axe' in globalThis))) {
    // The page's policy takes no script of ours: it is run from outside, as a debugger runs what is typed.
    const { readFile } = await import('node:fs/promises')
    await page.evaluate(await readFile(path, 'utf8'))
  }
  const { violations } = await page.evaluate(() => (globalThis as unknown as { readonly axe: Axe }).axe.run())
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
}
