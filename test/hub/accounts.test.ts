import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { TestProvider } from '@slipway/registry/oidc-provider'
import { barriersOf, load, picture } from '../harness/browser.ts'
import { fillSignIn, openAt, openStage, type Stage } from './stage.ts'

/** What an app on a phone shows (RFC 6238), `ahead` steps from now. */
const codeOf = (secret: string, ahead: number): string => {
  const bits = [...secret].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  )
  const key = Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const message = Buffer.alloc(8)
  message.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead))
  const mac = createHmac('sha1', key).update(message).digest()
  return String((mac.readUInt32BE((mac.at(-1) ?? 0) & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

const firstSignIn = async (t: TestContext, stage: Stage): Promise<void> => {
  await t.test('a one-time password opens the page only to choose another', async () => {
    const { registry, client } = stage
    const { stdout } = await registry.administer(['user', 'one-time-password', 'ada'])
    const { message } = await client.fails(['login', '-u', 'ada', '--password-stdin', registry.address], {
      input: stdout.trim(),
    })
    assert.match(message, /this password is for one sign-in, in the browser/)
    const { page, complaints } = await openAt(stage, '/sign-in')
    await fillSignIn(page, 'ada', stdout.trim())
    await page.getByRole('heading', { name: 'Choose your password' }).waitFor()
    assert.deepEqual(await barriersOf(page), [])
    await page.getByLabel('Old password').fill(stdout.trim())
    await page.getByLabel('New password').fill('an engine of tin')
    await page.getByRole('button', { name: 'Change the password' }).click()
    await page.getByText('No repositories yet').waitFor()
    assert.deepEqual(complaints, [])
    await page.context().close()
  })
}

const invitation = async (t: TestContext, stage: Stage): Promise<void> => {
  await t.test('who was invited signs up, logs in with docker, and pushes', async () => {
    const { registry, client } = stage
    const { page } = await openAt(stage, '/sign-up')
    await page.getByText('To sign up here takes an invitation').waitFor()
    await load(page, () => page.goto(`http://${registry.address}/sign-in`))
    await fillSignIn(page, 'ada', 'an engine of tin')
    await page.getByRole('link', { name: 'People' }).click()
    await page.getByLabel('For whom').fill('Grace')
    await page.getByRole('button', { name: 'Make a link' }).click()
    const link = await page.getByRole('status').locator('.copyable code').textContent()
    await page.getByRole('cell', { name: 'Grace' }).waitFor()
    assert.deepEqual(await barriersOf(page), [])
    await page.context().close()

    const { page: hers, complaints } = await openAt(stage, new URL(link ?? '').pathname + new URL(link ?? '').hash)
    await hers.getByLabel('Name').fill('grace')
    await hers.getByLabel('Password').fill('password123')
    await hers.getByRole('main').getByRole('button', { name: 'Sign up' }).click()
    await hers.getByRole('alert').getByText('one of those that are tried first').waitFor()
    await picture(hers, 'hub-sign-up')
    assert.deepEqual(await barriersOf(hers), [])
    await hers.getByLabel('Password').fill('a moth in relay 70')
    await hers.getByRole('main').getByRole('button', { name: 'Sign up' }).click()
    await hers.getByText('Signed in as grace').waitFor()
    await client.ok(['login', '-u', 'grace', '--password-stdin', registry.address], { input: 'a moth in relay 70' })
    await client.ok(['tag', 'busybox', `${registry.address}/grace/app:v1`])
    await client.ok(['push', `${registry.address}/grace/app:v1`])
    await client.ok(['tag', 'busybox', `${registry.address}/team/app:v1`])
    assert.match((await client.fails(['push', `${registry.address}/team/app:v1`])).message, /denied/)
    await load(hers, () => hers.reload())
    await hers.getByRole('link', { name: 'grace/app' }).waitFor()
    assert.deepEqual(complaints, [])
    await hers.context().close()
  })
}

const secondFactor = async (t: TestContext, stage: Stage): Promise<void> => {
  await t.test('a second factor is set up, and asked for', async () => {
    const { registry, client } = stage
    const { page, complaints } = await openAt(stage, '/sign-in')
    await fillSignIn(page, 'grace', 'a moth in relay 70')
    await page.getByRole('link', { name: 'Signed in as grace' }).click()
    await page.getByRole('cell', { name: 'Chrome, Linux this one' }).waitFor()
    const form = page.locator('form').filter({ has: page.getByRole('heading', { name: 'Second factor' }) })
    await form.getByLabel('Password').fill('a moth in relay 70')
    await form.getByRole('button', { name: 'Set it up' }).click()
    await form.getByRole('img', { name: 'The secret as a QR code' }).waitFor()
    const secret = (await form.locator('.secret').textContent())?.replaceAll(' ', '') ?? ''
    await picture(page, 'hub-second-factor')
    assert.deepEqual(await barriersOf(page), [])
    await form.getByRole('textbox', { name: 'Code' }).fill(codeOf(secret, 0))
    await form.getByRole('button', { name: 'Confirm' }).click()
    const recovery = await page.locator('.recovery-codes li').first().textContent()
    await page.getByText('10 recovery codes are left').waitFor()
    assert.deepEqual(await barriersOf(page), [])
    await page.context().clearCookies()

    await load(page, () => page.goto(`http://${registry.address}/sign-in`))
    await fillSignIn(page, 'grace', 'a moth in relay 70')
    await page.getByLabel('Code').fill('000000')
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').getByText('the code is wrong').waitFor()
    await page.getByLabel('Code').fill(codeOf(secret, 1))
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Signed in as grace').waitFor()
    assert.deepEqual(complaints, [])
    await page.context().close()
    const login = ['login', '-u', 'grace', '--password-stdin', registry.address]
    const { message } = await client.fails(login, { input: 'a moth in relay 70' })
    assert.match(message, /second factor: log in with an access token in place of the password/)

    const { page: other } = await openAt(stage, '/sign-in')
    await fillSignIn(other, 'grace', 'a moth in relay 70')
    await other.getByLabel('Code').fill(recovery ?? '')
    await other.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
    await other.getByText('Signed in as grace').waitFor()
    await other.context().close()
  })
}

const elsewhere = async (t: TestContext, stage: Stage): Promise<void> => {
  await t.test('who signs in with a provider gets an account, and docker a token', async () => {
    const { registry, client } = stage
    const { page, complaints } = await openAt(stage, '/sign-in')
    // The provider's pages want a font from the network.
    await page.route('https://fonts.googleapis.com/**', (route) => route.fulfill({ contentType: 'text/css', body: '' }))
    await page.getByRole('link', { name: 'Sign in with Example' }).waitFor()
    await picture(page, 'hub-sign-in')
    assert.deepEqual(await barriersOf(page), [])
    await page.getByRole('link', { name: 'Sign in with Example' }).click()
    await page.locator('input[name=login]').fill('employee 7')
    await page.locator('input[name=password]').fill('only the provider knows')
    await page.getByRole('button', { name: 'Sign-in' }).click()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('Signed in as mary').click()
    await page.getByRole('cell', { name: 'mary' }).waitFor()
    assert.equal(await page.getByRole('heading', { name: 'Change the password' }).count(), 0)
    await page.getByLabel('Name').fill('laptop')
    await page.getByRole('button', { name: 'Create' }).click()
    const token = await page.getByRole('status').locator('.copyable code').textContent()
    assert.deepEqual(await barriersOf(page), [])
    await client.ok(['login', '-u', 'mary', '--password-stdin', registry.address], { input: token ?? '' })
    await client.ok(['tag', 'busybox', `${registry.address}/mary/app:v1`])
    await client.ok(['push', `${registry.address}/mary/app:v1`])
    await load(page, () => page.goto(`http://${registry.address}/sign-in?problem=taken`))
    await page.getByRole('alert').getByText('There is an account of your name here already').waitFor()
    assert.deepEqual(complaints, [])
    await page.context().close()
  })
}

const disabled = async (t: TestContext, stage: Stage): Promise<void> => {
  await t.test('a manager disables an account, and docker is told so', async () => {
    const { registry, client } = stage
    const { page, complaints } = await openAt(stage, '/sign-in')
    await fillSignIn(page, 'ada', 'an engine of tin')
    await page.getByRole('link', { name: 'People' }).click()
    await page.getByRole('button', { name: 'What can be done with mary' }).click()
    assert.deepEqual(await barriersOf(page), [])
    await page.getByRole('menuitem', { name: 'Disable' }).click()
    await page.getByRole('row', { name: /^mary/ }).getByText('Disabled').waitFor()
    await picture(page, 'hub-people')
    await client.fails(['push', `${registry.address}/mary/app:v1`])
    assert.deepEqual(complaints, [])
    await page.context().close()
  })
}

test('accounts in a browser', async (t) => {
  await using stack = new AsyncDisposableStack()
  const provider = stack.use(await TestProvider.start({ 'employee 7': { name: 'mary' } }))
  const { issuer, clientId, clientSecret, label } = provider.settings
  const stage = await openStage(stack, [
    ...['--oidc-issuer', issuer, '--oidc-client-id', clientId, '--oidc-client-secret', clientSecret],
    ...['--oidc-label', label, '--oidc-create'],
  ])
  provider.serve(`http://${stage.registry.address}`)
  await stage.registry.addUser('ada', 'secret')
  await firstSignIn(t, stage)
  await invitation(t, stage)
  await secondFactor(t, stage)
  await elsewhere(t, stage)
  await disabled(t, stage)
})
