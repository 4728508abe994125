import type { Browser, Page } from 'playwright-core'
import { load, type OpenPage, openBrowser, openPage } from '../harness/browser.ts'
import type { Client } from '../harness/client.ts'
import { TestEngine } from '../harness/engine.ts'
import { TestRegistry } from '../harness/registry.ts'
import { openScratch } from '../harness/scratch.ts'

/** A hub, a docker client over an engine that has busybox, and a browser. */
export interface Stage {
  readonly registry: TestRegistry
  readonly client: Client
  readonly browser: Browser
}

/** All of it goes with the stack. */
export const openStage = async (stack: AsyncDisposableStack, flags: readonly string[] = []): Promise<Stage> => {
  const scratch = stack.use(await openScratch())
  const registry = stack.use(await TestRegistry.start(scratch, flags))
  const engine = stack.use(await TestEngine.start(scratch))
  await engine.addBusybox()
  const browser = stack.adopt(await openBrowser(), (opened) => opened.close())
  return { registry, client: engine.client(), browser }
}

/** A browser of its own, that nobody has signed in with; `path` may be a link. */
export const openAt = async (
  { registry, browser }: Pick<Stage, 'registry' | 'browser'>,
  path: string,
): Promise<OpenPage> => {
  const opened = await openPage(browser)
  await load(opened.page, () => opened.page.goto(`http://${registry.address}${path}`))
  return opened
}

/** On the page that asks for it. */
export const fillSignIn = async (page: Page, account: string, password: string): Promise<void> => {
  await page.getByLabel('Account').fill(account)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
}

/** From any page. */
export const signIn = async (page: Page, account: string, password: string): Promise<void> => {
  await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).click()
  await fillSignIn(page, account, password)
}

/** As docker does. */
export const logIn = ({ registry, client }: Stage, account: string, password: string): Promise<string> =>
  client.ok(['login', '-u', account, '--password-stdin', registry.address], { input: password })
