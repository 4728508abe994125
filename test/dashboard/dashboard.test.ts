import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { type TestContext, test } from 'node:test'
import type { Page } from 'playwright-core'
import { barriersOf, load, openPage, picture } from '../harness/browser.ts'
import { eventually } from '../harness/patience.ts'
import { freePort } from '../harness/port.ts'
import { openStage, type Stage, visit } from './stage.ts'

const go = (page: Page, name: string): Promise<void> =>
  page.getByRole('navigation').getByRole('link', { name, exact: true }).click()

const act = async (page: Page, container: string, action: string): Promise<void> => {
  await page.getByRole('button', { name: `Actions: ${container}` }).click()
  await page.getByRole('menuitem', { name: action }).click()
}

/** The number of the last line that the log shows. */
const lastLine = async (page: Page): Promise<number> => {
  const texts = await page.locator('.log .line').allTextContents()
  return Math.max(0, ...texts.map((text) => Number(/^line (\d+)$/.exec(text)?.[1] ?? 0)))
}

const signingIn = async (t: TestContext, stage: Stage): Promise<void> => {
  await t.test('a wrong key is refused, the right one opens the page that was asked for', async () => {
    const { page } = await openPage(stage.browser)
    await load(page, () => page.goto(`${stage.address}/images`))
    await page.getByLabel('Key').fill('a guess')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
    assert.deepEqual(await barriersOf(page), [])
    await page.getByLabel('Key').fill(`${stage.address}/#key=${stage.key}`)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Images' }).waitFor()
    await page.close()
  })

  await t.test('the key of a link leaves the address, and signing out ends the session', async () => {
    const { page } = await visit(stage)
    assert.equal(new URL(page.url()).hash, '')
    await page.getByRole('button', { name: /^Colours/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByLabel('Key').waitFor()
    await page.close()
  })
}

const oneContainer = async (t: TestContext, stage: Stage): Promise<void> => {
  const { page, complaints } = await visit(stage)
  const client = stage.engine.client()
  const port = await freePort()
  const script = `i=0; while sleep 0.2; do i=$((i+1)); echo line $i; echo '<img src=x onerror=alert(1)>' >&2; done`

  await t.test('a container is made by the form, and starts', async () => {
    await page.getByText('No containers yet').waitFor()
    await page.getByRole('button', { name: 'New container' }).click()
    await page.getByRole('combobox', { name: /^Image/ }).fill('busybox')
    await page.getByLabel(/^Name/).fill('ticker')
    await page.getByLabel(/^Command/).fill(`sh -c "${script.replaceAll('$', '\\$')}"`)
    await page.getByLabel(/^Ports/).fill(`${port}:80`)
    await page.getByLabel(/^Environment/).fill('COLOUR=sea green')
    assert.deepEqual(await barriersOf(page), [])
    await picture(page, 'create')
    await page.getByRole('button', { name: 'Create and start' }).click()
    await page.getByRole('heading', { name: 'ticker' }).waitFor()
    await page.getByText(`0.0.0.0:${port} → 80/tcp`).waitFor()
    assert.match(await client.ok(['inspect', '-f', '{{json .Config.Env}}', 'ticker']), /"COLOUR=sea green"/)
    assert.deepEqual(await barriersOf(page), [])
  })

  await t.test('its log is followed and searched, and what looks like markup is text', async () => {
    await page.getByRole('tab', { name: 'Logs' }).click()
    const first = await eventually('the log has lines', async () => (await lastLine(page)) || undefined)
    await eventually('it is followed', async () => (await lastLine(page)) > first)
    await page.getByText('<img src=x onerror=alert(1)>').first().waitFor()
    assert.equal(await page.locator('img[src=x]').count(), 0)
    await page.getByLabel('Search in the log').fill('LINE 2')
    await page.locator('mark', { hasText: 'line 2' }).first().waitFor()
    assert.equal(await page.getByText('onerror').count(), 0)
    await page.getByLabel('Search in the log').fill('')
    await picture(page, 'logs')
    assert.deepEqual(await barriersOf(page), [])
  })

  await t.test('a terminal runs in it', async () => {
    await page.getByRole('tab', { name: 'Terminal' }).click()
    await page.getByRole('button', { name: 'Connect' }).click()
    await page.locator('.xterm-rows', { hasText: '#' }).waitFor()
    await page.keyboard.type('echo "made by $((6 * 7))"; stty size\n')
    await page.locator('.xterm-rows', { hasText: 'made by 42' }).waitFor()
    await picture(page, 'terminal')
    await page.keyboard.type('exit\n')
    await page.getByText('The session has ended.').waitFor()
  })

  await t.test('its files are looked through, and read', async () => {
    await client.ok(['exec', 'ticker', 'sh', '-c', 'mkdir -p /srv/deep && echo "<b>bold</b>" > /srv/deep/note.txt'])
    await page.getByRole('tab', { name: 'Files' }).click()
    await page.getByRole('button', { name: 'srv/' }).click()
    await page.getByRole('button', { name: 'deep/' }).click()
    await page.getByRole('cell', { name: '-rw-r--r--' }).waitFor()
    assert.deepEqual(await barriersOf(page), [])
    await page.getByRole('button', { name: 'note.txt' }).click()
    await page.getByRole('dialog').getByText('<b>bold</b>').waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save' }).click(),
    ])
    assert.equal(await readFile(await download.path(), 'utf8'), '<b>bold</b>\n')
    await page.keyboard.press('Escape')
  })

  await t.test('what it uses is drawn', async () => {
    await page.getByRole('tab', { name: 'Usage' }).click()
    await page.locator('canvas').nth(2).waitFor()
    await picture(page, 'usage')
  })

  await t.test('what is done elsewhere is seen, and what is done here happens', async () => {
    await go(page, 'Containers')
    await client.ok(['rename', 'ticker', 'clock'])
    await page.getByRole('link', { name: 'clock' }).waitFor()
    await act(page, 'clock', 'Pause')
    await page.getByText('(Paused)').waitFor()
    await act(page, 'clock', 'Go on')
    await eventually('it runs again', async () => (await client.ok(['ps', '-q', '-f', 'status=running'])) !== '')
    await picture(page, 'containers')
    assert.deepEqual(await barriersOf(page), [])
    await act(page, 'clock', 'Remove…')
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('No containers yet').waitFor()
    assert.equal(await client.ok(['ps', '-aq']), '')
  })

  assert.deepEqual(complaints, [])
  await page.close()
}

const otherRooms = async (t: TestContext, stage: Stage): Promise<void> => {
  const { page, complaints } = await visit(stage, { colorScheme: 'dark' })
  const client = stage.engine.client()

  await t.test('a network is made, drawn with who is on it, and stays while somebody is', async () => {
    await go(page, 'Networks')
    await page.getByRole('button', { name: 'New network' }).click()
    await page.getByLabel('Name').fill('back')
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByRole('row', { name: /^back/ }).waitFor()
    await client.ok(['run', '-d', '--name', 'idle', '--network', 'back', '-v', 'kept:/kept', 'busybox', 'sleep', '600'])
    await page.getByRole('figure', { name: 'Who is where' }).getByText('idle').waitFor()
    await picture(page, 'networks')
    assert.deepEqual(await barriersOf(page), [])
    await page.getByRole('row', { name: /^back/ }).getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('alert').getByText('has active endpoints').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
  })

  await t.test('images, volumes, disk and events are shown', async () => {
    await go(page, 'Images')
    await page.getByRole('link', { name: 'busybox:latest' }).click()
    await page.getByText('bootstrapped from').or(page.getByText('Layers, the newest first')).first().waitFor()
    assert.deepEqual(await barriersOf(page), [])
    await go(page, 'Volumes')
    await page.getByRole('cell', { name: 'kept', exact: true }).waitFor()
    assert.deepEqual(await barriersOf(page), [])
    await go(page, 'Disk')
    await page.getByRole('heading', { name: /^Images/ }).waitFor()
    await picture(page, 'disk')
    assert.deepEqual(await barriersOf(page), [])
    await go(page, 'Events')
    await page.getByRole('cell', { name: 'start', exact: true }).first().waitFor()
    assert.deepEqual(await barriersOf(page), [])
  })

  await t.test('the palette finds a container, by keyboard alone', async () => {
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog').locator('input:focus').waitFor()
    await page.keyboard.type('idle')
    await page.getByRole('option', { name: /^idle/, selected: true }).waitFor()
    await picture(page, 'palette')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'idle' }).waitFor()
  })

  assert.deepEqual(complaints, [])
  await page.close()
}

const daemonAway = async (t: TestContext, stage: Stage): Promise<void> => {
  const { page } = await visit(stage)
  await t.test('an engine that is killed is said to be away; when it is back, the page shows what is', async () => {
    await page.getByRole('link', { name: 'idle' }).waitFor()
    await stage.engine.stopDaemon('SIGKILL')
    await page.getByText('The engine doesn’t answer').waitFor()
    await stage.engine.start()
    await stage.engine.client().ok(['rename', 'idle', 'awake'])
    await page.getByRole('link', { name: 'awake' }).waitFor({ timeout: 60_000 })
    await page.getByText('The engine doesn’t answer').waitFor({ state: 'detached' })
  })
  await page.close()
}

const otherPeople = async (t: TestContext, stage: Stage): Promise<void> => {
  await t.test('it speaks Chinese, and fits a phone', async () => {
    const { page } = await visit(stage, { width: 390, height: 800, locale: 'zh-CN' })
    await page.getByRole('heading', { name: '容器' }).waitFor()
    assert.equal(await page.getAttribute('html', 'lang'), 'zh')
    await picture(page, 'phone')
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 390)
    assert.deepEqual(await barriersOf(page), [])
    await page.close()
  })
}

test('the dashboard in a browser', async (t) => {
  await using stage = await openStage()
  await signingIn(t, stage)
  await oneContainer(t, stage)
  await otherRooms(t, stage)
  await daemonAway(t, stage)
  await otherPeople(t, stage)
})
