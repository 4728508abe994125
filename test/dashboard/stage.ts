import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { load, type OpenPage, openBrowser, openPage } from '../harness/browser.ts'
import { Daemon } from '../harness/daemon.ts'
import { TestEngine } from '../harness/engine.ts'
import { openScratch } from '../harness/scratch.ts'

/** An engine, a dashboard over it, and a browser. */
export interface Stage extends AsyncDisposable {
  readonly engine: TestEngine
  readonly browser: Browser
  /** Without the key. */
  readonly address: string
  readonly key: string
}

export const openStage = async (): Promise<Stage> => {
  await using stack = new AsyncDisposableStack()
  const scratch = stack.use(await openScratch())
  const engine = stack.use(await TestEngine.start(scratch))
  await engine.addBusybox()
  const keyFile = join(scratch.path, 'dashboard/key')
  const { daemon, line } = await Daemon.start(
    ['dashboard', '--listen', '127.0.0.1:0', '--engine', engine.host, '--key-file', keyFile],
    'dashboard is listening',
  )
  stack.use(daemon)
  const browser = stack.adopt(await openBrowser(), (opened) => opened.close())
  const key = (await readFile(keyFile, 'utf8')).trim()
  const parts = stack.move()
  return { engine, browser, address: String(line['address']), key, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

interface VisitOptions {
  readonly width?: number
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
  readonly locale?: string
}

/** A person who has come by the link. */
export const visit = async (
  { browser, address, key }: Stage,
  { width = 1280, height = 800, colorScheme = 'light', locale = 'en-GB' }: VisitOptions = {},
): Promise<OpenPage> => {
  const opened = await openPage(browser, { viewport: { width, height }, colorScheme, locale })
  await load(opened.page, () => opened.page.goto(`${address}/#key=${key}`))
  await opened.page.getByRole('heading', { level: 1 }).waitFor()
  return opened
}
