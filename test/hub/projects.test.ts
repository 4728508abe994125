import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Page } from 'playwright-core'
import { barriersOf, load, picture } from '../harness/browser.ts'
import { logIn, openAt, openStage, signIn, type Stage as Whole } from './stage.ts'

interface Stage extends Whole {
  readonly page: Page
}

/** Two images that differ in a layer, and some in nothing but a label. */
const makeImages = async ({ client }: Stage, name: string): Promise<void> => {
  const grown = ['run', '--network', 'none', '--name', 'grown', 'busybox']
  await client.ok([...grown, 'dd', 'if=/dev/urandom', 'of=/new', 'bs=1k', 'count=300'])
  await client.ok(['commit', 'grown', `${name}:large`])
  await client.ok(['create', '--name', 'plain', 'busybox'])
  for (const tag of ['v1', 'nightly-1', 'nightly-2']) {
    await client.ok(['commit', '--change', `LABEL made=${tag}`, 'plain', `${name}:${tag}`])
  }
}

const members = async (t: TestContext, stage: Stage): Promise<void> => {
  const { registry, client, page } = stage
  const name = `${registry.address}/team/app`

  await t.test('a project is made, and says how to push into it', async () => {
    await page.getByRole('navigation').getByRole('link', { name: 'Projects' }).click()
    await page.getByText('No projects yet').waitFor()
    assert.deepEqual(await barriersOf(page), [])
    await page.getByRole('button', { name: 'New project' }).click()
    await page.getByLabel('Name').fill('team')
    await page.getByLabel('Short description').fill('What we run')
    assert.deepEqual(await barriersOf(page), [])
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByText(`docker push ${registry.address}/team/web:v1`).waitFor()
    assert.deepEqual(await barriersOf(page), [])
  })

  await t.test('docker pushes for a member, and for nobody else', async () => {
    await logIn(stage, 'bob', 'a long password')
    const { message } = await client.fails(['push', `${name}:v1`])
    assert.match(message, /denied: .*: project team isn't there, or you may not (?:pull|push) there/)
    await page.getByRole('tab', { name: 'Members' }).click()
    await page.getByRole('cell', { name: 'ada' }).waitFor()
    await page.getByLabel('Name').fill('bob')
    await page.getByLabel('Role', { exact: true }).selectOption('Developer')
    await page.getByRole('button', { name: 'Add' }).click()
    await page.getByRole('cell', { name: 'bob' }).waitFor()
    assert.deepEqual(await barriersOf(page), [])
    for (const tag of ['v1', 'nightly-1', 'nightly-2']) await client.ok(['push', `${name}:${tag}`])
    await page.getByRole('tab', { name: 'Repositories' }).click()
    await load(page, () => page.reload())
    await page.getByRole('link', { name: 'team/app' }).waitFor()
  })

  await t.test('a robot logs in with its secret, and reaches its project alone', async () => {
    await page.getByRole('tab', { name: 'Robots' }).click()
    await page.getByLabel('Name').fill('ci')
    await page.getByRole('button', { name: 'Create' }).click()
    const secret = await page.getByRole('status').locator('.copyable code').textContent()
    await page.getByRole('cell', { name: 'team+ci' }).waitFor()
    assert.deepEqual(await barriersOf(page), [])
    await logIn(stage, 'team+ci', secret ?? '')
    await client.ok(['push', `${name}:v1`])
    await client.ok(['tag', `${name}:v1`, `${registry.address}/other/app:v1`])
    await client.fails(['push', `${registry.address}/other/app:v1`])
    await logIn(stage, 'bob', 'a long password')
  })
}

const webhooks = async (t: TestContext, { page }: Stage): Promise<void> => {
  await t.test('a project has webhooks of its own', async () => {
    await page.getByRole('tab', { name: 'Webhooks' }).click()
    await page.getByLabel('Address').fill('http://127.0.0.1:9/nobody')
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByText('Its secret, shown only now').waitFor()
    await page.getByRole('cell', { name: 'team/**' }).waitFor()
    assert.deepEqual(await barriersOf(page), [])
  })
}

const rules = async (t: TestContext, stage: Stage): Promise<void> => {
  const { registry, client, page } = stage
  const name = `${registry.address}/team/app`

  await t.test('what there is no room for docker is told in numbers', async () => {
    await page.getByRole('tab', { name: 'Settings' }).click()
    await page.getByLabel('Quota').fill('1kB')
    await page.getByRole('main').getByRole('button', { name: 'Save' }).nth(1).click()
    await page.getByText(/ MB of 1 kB used|kB of 1 kB used/).waitFor()
    assert.deepEqual(await barriersOf(page), [])
    await picture(page, 'hub-project')
    const { message } = await client.fails(['push', `${name}:large`])
    assert.match(message, /denied: project team has used [\d.]+ [kM]B of 1 kB; this layer needs/)
    await page.getByLabel('Quota').fill('')
    await page.getByRole('main').getByRole('button', { name: 'Save' }).nth(1).click()
    await page.getByText(/ used$/).waitFor()
    await client.ok(['push', `${name}:large`])
  })

  await t.test('a tag that a rule calls immutable is not moved by docker, nor by the page', async () => {
    await page.getByRole('tab', { name: 'Rules' }).click()
    await page.getByText('No rules: tags can be moved').waitFor()
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByText('neither moved nor deleted').waitFor()
    await client.ok(['tag', `${name}:large`, `${name}:v1`])
    const { message } = await client.fails(['push', `${name}:v1`])
    assert.match(message, /denied: tag v1 is immutable \(rule v\* of its project\): it can't be moved or deleted/)
  })

  await t.test('retention shows what would go and why, and what went comes back from the trash', async () => {
    await page.getByLabel('Kind').selectOption('Retention')
    await page.getByLabel('Tags').fill('nightly-*')
    await page.getByLabel('Keep the newest').fill('1')
    await page.getByRole('button', { name: 'Show what would go' }).click()
    const doomed = page.getByRole('dialog').getByRole('row', { name: /team\/app:nightly-1/ })
    await doomed.getByText('number 2 of nightly-*, of which 1 stay').waitFor()
    assert.equal(await page.getByRole('dialog').getByRole('row').count(), 2)
    assert.deepEqual(await barriersOf(page), [])
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByText('keeps the newest 1').waitFor()
    await picture(page, 'hub-project-rules')
    await page.getByRole('button', { name: 'What retention would take away now' }).click()
    await page.getByRole('button', { name: 'Take them away now' }).click()
    await page.getByText('1 tag went into the trash.').waitFor()
    await page.keyboard.press('Escape')
    await client.fails(['pull', `${name}:nightly-1`])

    await page.getByRole('tab', { name: 'Repositories' }).click()
    await page.getByRole('link', { name: 'team/app' }).click()
    await page.getByRole('tab', { name: 'Trash' }).click()
    await page.getByRole('cell', { name: '(retention)' }).waitFor()
    await page.getByRole('button', { name: 'Restore', exact: true }).click()
    await page.getByText('The trash is empty.').waitFor()
    await page.getByRole('tab', { name: 'Tags (4)' }).click()
    const tag = page.getByRole('row', { name: /^v1/ })
    await tag.getByText('Immutable').waitFor()
    await tag.getByText('linux/amd64').waitFor()
    assert.equal(await tag.getByRole('button', { name: 'Remove' }).count(), 0)
    assert.deepEqual(await barriersOf(page), [])
    await client.ok(['pull', `${name}:nightly-1`])
  })
}

const managers = async (t: TestContext, { page }: Stage): Promise<void> => {
  await t.test('who manages the registry gives a badge, and makes teams', async () => {
    await page.getByRole('button', { name: 'Make official' }).click()
    await page.getByText('Official', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'Teams' }).click()
    await page.getByRole('textbox', { name: 'New team' }).fill('ops')
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByRole('textbox', { name: 'Add an account' }).fill('bob')
    await page.getByRole('button', { name: 'Add' }).click()
    await page.getByRole('button', { name: 'Take bob out' }).waitFor()
    assert.deepEqual(await barriersOf(page), [])
    await page.getByRole('navigation').getByRole('link', { name: 'Projects' }).click()
    await page.getByRole('row', { name: /^team What we run Private 1/ }).waitFor()
    await picture(page, 'hub-projects')
  })
}

test('projects in a browser, obeyed by docker', async (t) => {
  await using stack = new AsyncDisposableStack()
  const whole = await openStage(stack)
  const { registry } = whole
  await registry.addUser('ada', 'secret of ada')
  const bob = ['user', 'add', 'bob', 'nowhere', 'pull', '--password-stdin']
  assert.equal((await registry.administer(bob, 'a long password\n')).code, 0)
  const { page, complaints } = await openAt(whole, '/')
  const stage: Stage = { ...whole, page }
  await makeImages(stage, `${registry.address}/team/app`)
  await signIn(page, 'ada', 'secret of ada')
  await page.getByRole('heading', { name: 'Explore' }).waitFor()
  await members(t, stage)
  await webhooks(t, stage)
  await rules(t, stage)
  await managers(t, stage)
  const { page: stranger } = await openAt(whole, '/projects/team')
  await stranger.getByText('There is no such project, or it isn’t for you.').waitFor()
  assert.deepEqual(complaints, [])
})
