import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { barriersOf, load, picture } from '../harness/browser.ts'
import { logIn, openAt, openStage, type Stage, signIn } from './stage.ts'

const hostileReadme = `# Our app

It **serves** pages. <script>alert(1)</script> <img src=x onerror=alert(2)>

[a link](javascript:alert(3))

| a | b |
|---|---|
| 1 | 2 |
`

const journey = async (t: TestContext, stage: Stage): Promise<void> => {
  const { registry, client } = stage
  const { page, complaints } = await openAt(stage, '/')
  const name = `${registry.address}/team/app`

  await t.test('an empty hub says how to push, and who signs in is greeted', async () => {
    await page.getByText('No repositories yet').waitFor()
    await page.getByText(`docker push ${name.replace('app', 'web')}:v1`).waitFor()
    assert.deepEqual(await barriersOf(page), [])
    await signIn(page, 'ada', 'wrong')
    await page.getByRole('alert').getByText('incorrect username or password').waitFor()
    await page.getByLabel('Password').fill('secret')
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Signed in as ada').waitFor()
  })

  await t.test('what docker pushes is found', async () => {
    await logIn(stage, 'ada', 'secret')
    for (const tag of ['v1', 'latest']) {
      await client.ok(['tag', 'busybox', `${name}:${tag}`])
      await client.ok(['push', `${name}:${tag}`])
    }
    await load(page, () => page.reload())
    await page.getByLabel('Search repositories').fill('APP')
    await page.getByRole('link', { name: 'team/app' }).waitFor()
    await page.getByLabel('Search repositories').fill('nothing like it')
    await page.getByText('No repository fits that.').waitFor()
    await page.getByLabel('Search repositories').fill('')
    await page.getByRole('link', { name: 'team/app' }).click()
    await page.getByRole('heading', { name: 'team/app' }).waitFor()
  })

  await t.test('a README is written, and nothing in it runs', async () => {
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('Short description').fill('Serves pages')
    await page.getByLabel('README, in Markdown').fill(hostileReadme)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: 'Our app' }).waitFor()
    await page.getByRole('cell', { name: '2', exact: true }).waitFor()
    assert.equal(await page.locator('main script, main img[src=x]').count(), 0)
    assert.equal(await page.locator('a[href^="javascript"]').count(), 0)
    assert.equal(await client.ok(['search', `${registry.address}/app`, '--format', '{{.Description}}']), 'Serves pages')
  })

  await t.test('a star is counted', async () => {
    await page.getByRole('button', { name: /^☆ Star · 0/ }).click()
    await page.getByRole('button', { name: /^★ Unstar · 1/ }).waitFor()
    await picture(page, 'hub-repository')
    assert.deepEqual(await barriersOf(page), [])
  })

  await t.test('an image tells its layers', async () => {
    await page.getByRole('tab', { name: /^Tags/ }).click()
    await page.getByRole('link', { name: 'v1' }).click()
    await page.getByRole('heading', { name: 'Layers, the newest first' }).waitFor()
    await page.getByText(/Deleting this would free [1-9]/).waitFor()
    await picture(page, 'hub-image')
    assert.deepEqual(await barriersOf(page), [])
    await page.goBack()
  })

  await t.test('a tag that was moved is rolled back, with one click', async () => {
    await client.ok(['run', '--network', 'none', '--name', 'changed', 'busybox', 'touch', '/new'])
    await client.ok(['commit', 'changed', `${name}:v1`])
    await client.ok(['push', `${name}:v1`])
    await load(page, () => page.reload())
    const before = await page.getByRole('row', { name: /^v1/ }).textContent()
    await page.getByRole('row', { name: /^v1/ }).getByRole('button', { name: 'History' }).click()
    await page.getByRole('button', { name: 'Roll back to this' }).click()
    await page.getByRole('dialog').getByRole('listitem').nth(2).waitFor()
    await page.keyboard.press('Escape')
    await load(page, () => page.reload())
    await page.getByRole('row', { name: /^v1/ }).waitFor()
    assert.notEqual(await page.getByRole('row', { name: /^v1/ }).textContent(), before)
  })

  await t.test('a repository that was deleted comes back from the trash', async () => {
    await page.getByRole('button', { name: 'Delete the repository' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete the repository' }).click()
    await page.getByText('There is no such repository').waitFor()
    await client.fails(['pull', `${name}:latest`])
    await page.getByRole('button', { name: 'Restore all' }).click()
    await page.getByRole('tab', { name: 'Tags (2)' }).waitFor()
    await client.ok(['pull', `${name}:latest`])
  })

  await t.test('who manages the registry makes an account, and says what it may do', async () => {
    await page.getByRole('link', { name: 'People' }).click()
    await page.getByRole('button', { name: 'New account' }).click()
    const form = page.getByRole('dialog')
    await form.getByLabel('Name').fill('bob')
    await form.getByLabel('Password').fill('master builder')
    await form.getByLabel(/^What/).fill('pull')
    assert.deepEqual(await barriersOf(page), [])
    await form.getByRole('button', { name: 'Create' }).click()
    await page.getByText('team/**: pull', { exact: true }).waitFor()
    await client.ok(['login', '-u', 'bob', '--password-stdin', registry.address], { input: 'master builder' })
    const { message } = await client.fails(['push', `${name}:latest`])
    assert.match(message, /denied/)
  })

  await t.test('docker logs in with a token that the page has made', async () => {
    await page.getByRole('link', { name: 'Signed in as ada' }).click()
    await page.getByRole('heading', { name: 'ada', level: 1 }).waitFor()
    await page.getByLabel('Name').fill('laptop')
    const create = page.getByRole('button', { name: 'Create' })
    const made = page.getByRole('status').locator('.copyable code')
    await create.click()
    await made.or(page.getByRole('alert')).first().waitFor()
    // The browser breaks a call off when a link comes or goes. The page says so, and a person tries again.
    if (!(await made.isVisible())) await create.click()
    const token = await made.textContent()
    await page.getByRole('cell', { name: 'laptop' }).waitFor()
    assert.deepEqual(await barriersOf(page), [])
    await client.ok(['login', '-u', 'ada', '--password-stdin', registry.address], { input: token ?? '' })
    await client.ok(['push', `${name}:latest`])
    await page
      .getByRole('row', { name: /laptop/ })
      .getByRole('button', { name: 'Remove' })
      .click()
    await page.getByRole('cell', { name: 'laptop' }).waitFor({ state: 'detached' })
    await client.fails(['push', `${name}:latest`])
    await logIn(stage, 'ada', 'secret')
  })

  await t.test('a webhook is made, and told', async () => {
    await page.getByRole('link', { name: 'Webhooks' }).click()
    await page.getByLabel('Address').fill('http://127.0.0.1:9/nobody')
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByText('Its secret, shown only now').waitFor()
    await client.ok(['tag', 'busybox', `${name}:told`])
    await client.ok(['push', `${name}:told`])
    await page.getByRole('button', { name: 'Deliveries' }).click()
    await page.getByText('push team/app:told').waitFor()
    await page.getByText('127.0.0.1 is not a public address', { exact: false }).waitFor()
    assert.deepEqual(await barriersOf(page), [])
    await page.keyboard.press('Escape')
  })

  await t.test('who manages the registry sees its garbage, and collects it', async () => {
    await page.getByRole('link', { name: 'Garbage' }).click()
    await page.getByRole('heading', { name: 'Waits to be looked at' }).waitFor()
    await page.getByRole('button', { name: 'Collect now' }).click()
    await page.getByRole('button', { name: 'Collect now', disabled: false }).waitFor()
    assert.deepEqual(await barriersOf(page), [])
  })

  assert.deepEqual(complaints, [])
  await page.close()
}

const strangers = async (t: TestContext, stage: Stage): Promise<void> => {
  await t.test(
    'a private repository isn’t there for strangers; a public one can be read, and not changed',
    async () => {
      const { registry } = stage
      assert.equal((await registry.administer(['repository', 'visibility', 'team/app', 'private'])).code, 0)
      const { page } = await openAt(stage, '/')
      await page.getByText('No repositories yet').waitFor()
      assert.equal((await registry.administer(['repository', 'visibility', 'team/app', 'public'])).code, 0)
      await load(page, () => page.reload())
      await page.getByRole('link', { name: 'team/app' }).click()
      await page.getByRole('heading', { name: 'Our app' }).waitFor()
      for (const name of ['Edit', 'Delete the repository', 'Make private']) {
        assert.equal(await page.getByRole('button', { name }).count(), 0, name)
      }
      assert.equal(await page.getByRole('link', { name: 'Garbage' }).count(), 0)
      await page.close()
    },
  )
}

test('the hub in a browser', async (t) => {
  await using stack = new AsyncDisposableStack()
  const stage = await openStage(stack)
  await stage.registry.addUser('ada', 'secret')
  await journey(t, stage)
  await strangers(t, stage)
})
