import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Page } from 'playwright-core'
import { load } from '../harness/browser.ts'
import { logIn, openAt, openStage, type Stage } from './stage.ts'

const password = 'a moth in relay 70'

/** What `docker pull` prints of the tag. */
const digestOf = async ({ client }: Stage, name: string): Promise<string> =>
  /sha256:[0-9a-f]{64}/.exec(await client.ok(['pull', name]))?.[0] ?? ''

const beginning = async (t: TestContext, stage: Stage, page: Page, name: string): Promise<void> => {
  const { client } = stage

  await t.test('somebody signs up', async () => {
    await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).click()
    await page.getByRole('link', { name: 'Sign up' }).click()
    await page.getByLabel('Name').fill('grace')
    await page.getByLabel('Password').fill(password)
    await page.getByRole('main').getByRole('button', { name: 'Sign up' }).click()
    await page.getByText('Signed in as grace').waitFor()
  })

  await t.test('logs in with docker, and pushes', async () => {
    await logIn(stage, 'grace', password)
    await client.ok(['tag', 'busybox', `${name}:v1`])
    await client.ok(['push', `${name}:v1`])
    await load(page, () => page.reload())
    await page.getByRole('link', { name: 'grace/app' }).click()
  })

  await t.test('says what it is, and stars it', async () => {
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('Short description').fill('Counts moths')
    await page.getByLabel('README, in Markdown').fill('# Moths')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: 'Moths' }).waitFor()
    await page.getByRole('button', { name: /^☆ Star · 0/ }).click()
    await page.getByRole('button', { name: /^★ Unstar · 1/ }).waitFor()
  })
}

const finding = async (t: TestContext, stage: Stage, page: Page): Promise<void> => {
  const { client, registry } = stage

  await t.test('finds it by what it is for, in the page and with docker', async () => {
    await page.getByRole('link', { name: 'Explore' }).click()
    await page.getByLabel('Search repositories').fill('moths')
    await page.getByRole('link', { name: 'grace/app' }).click()
    await page.getByRole('heading', { name: 'grace/app' }).waitFor()
    const columns = ['--format', '{{.Name}} {{.Description}} {{.StarCount}}']
    assert.equal(await client.ok(['search', `${registry.address}/moths`, ...columns]), 'grace/app Counts moths 1')
  })
}

const undoing = async (t: TestContext, stage: Stage, page: Page, name: string): Promise<void> => {
  const { client } = stage
  const first = await digestOf(stage, `${name}:v1`)

  await t.test('deletes it, and takes it back', async () => {
    await page.getByRole('button', { name: 'Delete the repository' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete the repository' }).click()
    await page.getByText('There is no such repository').waitFor()
    await client.fails(['pull', `${name}:v1`])
    await page.getByRole('button', { name: 'Restore all' }).click()
    await page.getByRole('tab', { name: 'Tags (1)' }).waitFor()
    assert.equal(await digestOf(stage, `${name}:v1`), first)
  })

  await t.test('pushes something else, and goes back to what was there', async () => {
    await client.ok(['run', '--network', 'none', '--name', 'changed', 'busybox', 'touch', '/new'])
    await client.ok(['commit', 'changed', `${name}:v1`])
    await client.ok(['push', `${name}:v1`])
    assert.notEqual(await digestOf(stage, `${name}:v1`), first)
    await page.getByRole('tab', { name: /^Tags/ }).click()
    await page.getByRole('row', { name: /^v1/ }).getByRole('button', { name: 'History' }).click()
    await page.getByRole('button', { name: 'Roll back to this' }).last().click()
    await page.getByRole('dialog').getByRole('listitem').nth(2).waitFor()
    assert.equal(await digestOf(stage, `${name}:v1`), first)
  })
}

test('from sign-up over push, README, star, search and delete to undo and rollback', async (t) => {
  await using stack = new AsyncDisposableStack()
  const stage = await openStage(stack, ['--sign-up', 'open'])
  await stage.registry.addUser('ada', 'secret')
  const { page, complaints } = await openAt(stage, '/')
  const name = `${stage.registry.address}/grace/app`
  await beginning(t, stage, page, name)
  await finding(t, stage, page)
  await undoing(t, stage, page, name)
  assert.deepEqual(complaints, [])
})
