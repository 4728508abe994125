import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Page } from 'playwright-core'
import { barriersOf, load, openBrowser, picture } from '../harness/browser.ts'
import { checkCost } from '../harness/page-cost.ts'
import { eventually } from '../harness/patience.ts'
import { pushByHand } from '../harness/push-by-hand.ts'
import { TestRegistry } from '../harness/registry.ts'
import { openScratch } from '../harness/scratch.ts'
import { openAt, signIn } from './stage.ts'

const login = 'ada:correct horse'

const manyTags = 450

const watching = async (t: TestContext, page: Page, registry: TestRegistry): Promise<void> => {
  const at = `http://${registry.address}`
  const push = (name: string, tag: string): Promise<string> => pushByHand(registry, { name, tag, layer: tag, login })

  await t.test('the first page is small, and asks for little', async (t) => {
    await load(page, () => page.goto(at))
    await page.getByText('team/app').waitFor()
    t.diagnostic(await checkCost(page))
  })

  await t.test('the feed shows what happens without being asked, also after a lost connection', async () => {
    await signIn(page, 'ada', 'correct horse')
    await page.getByText('Signed in as ada').waitFor()
    await page.getByRole('link', { name: 'Live feed' }).click()
    await page.getByRole('row', { name: /push team\/app v1/ }).waitFor()
    assert.deepEqual(await barriersOf(page), [])
    await push('team/app', 'v2')
    await page.getByRole('row', { name: /push team\/app v2/ }).waitFor()
    await page.context().setOffline(true)
    await registry.stop()
    await registry.startAgain()
    await push('team/app', 'v3')
    await page.context().setOffline(false)
    await page.getByRole('row', { name: /push team\/app v3/ }).waitFor()
    assert.equal(await page.getByRole('row', { name: /push team\/app v[123]/ }).count(), 3)
    await picture(page, 'hub-feed')
  })

  await t.test('a repository’s page renews itself', async () => {
    await load(page, () => page.goto(`${at}/repositories/team/app?tab=tags`))
    await page.getByRole('tab', { name: 'Tags (3)' }).waitFor()
    await push('team/app', 'v4')
    await page.getByRole('tab', { name: 'Tags (4)' }).waitFor()
    await page.getByRole('link', { name: 'v4', exact: true }).waitFor()
  })

  await t.test('of many tags only those that are seen are in the page, and all can be seen', async () => {
    const tags = Array.from({ length: manyTags }, (_, number) => `n${String(number).padStart(4, '0')}`)
    await push('team/many', tags[0] ?? '')
    for (let first = 1; first < manyTags; first += 50) {
      await Promise.all(tags.slice(first, first + 50).map((tag) => push('team/many', tag)))
    }
    await load(page, () => page.goto(`${at}/repositories/team/many?tab=tags`))
    await page.getByRole('link', { name: 'n0000', exact: true }).waitFor()
    const rows = page.getByRole('main').locator('tbody tr')
    assert.ok((await rows.count()) < 100)
    const scrollTo = (name: string, distance: number): Promise<boolean> =>
      eventually(`${name} is seen`, async () => {
        await page.mouse.wheel(0, distance)
        return (await page.getByRole('link', { name, exact: true }).count()) > 0
      })
    await scrollTo(tags.at(-1) ?? '', 3000)
    assert.ok((await rows.count()) < 100)
    await scrollTo('n0000', -1_000_000)
  })

  await t.test('the audit is filtered by its address, and exported as it is shown', async () => {
    await load(page, () => page.goto(at))
    await page.getByRole('link', { name: 'Audit' }).click()
    await page.getByRole('cell', { name: 'manifest.push' }).first().waitFor()
    assert.deepEqual(await barriersOf(page), [])
    await picture(page, 'hub-audit')
    await page.getByLabel('Action').fill('login')
    await page.getByRole('cell', { name: 'login', exact: true }).first().waitFor()
    await page.getByRole('cell', { name: 'manifest.push' }).first().waitFor({ state: 'detached' })
    assert.match(page.url(), /\/audit\?action=login$/)
    await load(page, () => page.reload())
    await page.getByRole('cell', { name: 'login', exact: true }).first().waitFor()
    const link = (await page.getByRole('link', { name: 'Export as JSON' }).getAttribute('href')) ?? ''
    const lines = await page.evaluate(async (href) => (await fetch(href)).text(), link)
    const actions = lines
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { action: string }).action)
    assert.deepEqual([...new Set(actions)], ['login'])
  })
}

test('the hub’s pages show what happens, and long lists are as quick as short ones', async (t) => {
  await using scratch = await openScratch()
  await using registry = await TestRegistry.start(scratch)
  await registry.addUser('ada', 'correct horse')
  await pushByHand(registry, { name: 'team/app', tag: 'v1', layer: 'v1', login })
  await using browser = await openBrowser()
  const { page, complaints } = await openAt({ registry, browser }, '/')
  await watching(t, page, registry)
  const ours = complaints.filter((text) => !text.includes('net::ERR_'))
  assert.deepEqual(ours, [])
})
