import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeMaps } from '@slipway/linux'
import { inOwnNetns } from '../testing/own-netns.ts'
import { mapChange } from './elements.ts'
import { askNft, runNft } from './run-nft.ts'
import { type PublishedElement, removeScript, replaceScript } from './table.ts'

const bridge = 'swtelem'

const ipv4 = (hostPort: number, hostIp = '0.0.0.0'): PublishedElement => ({
  protocol: 'tcp',
  hostIp,
  hostPort,
  address: '172.17.0.2',
  containerPort: 8080,
})
const ipv6 = (hostPort: number, hostIp = '::'): PublishedElement => ({
  protocol: 'udp',
  hostIp,
  hostPort,
  address: 'fd00::2',
  containerPort: 53,
})

/** The elements of our maps, as nft sees them. */
const elements = async (): Promise<string> => {
  const found = await Promise.all(
    ['ip', 'ip6'].flatMap((family) =>
      ['published', 'published_at'].map((map) => askNft('list', 'map', family, bridge, map)),
    ),
  )
  return JSON.stringify(
    found.flat().flatMap(({ map }) => (map as { readonly elem?: readonly unknown[] } | undefined)?.elem ?? []),
  )
}

const change = (removed: readonly PublishedElement[], added: readonly PublishedElement[]): void =>
  changeMaps(mapChange(bridge, { removed, added }))

inOwnNetns(import.meta.url, () => {
  test('elements that are changed without nft are those that nft would have made', async () => {
    const kept = [ipv4(80), ipv4(81, '192.0.2.1'), ipv6(53), ipv6(54, '2001:db8::1')]
    await runNft(replaceScript(bridge, kept))
    const wanted = await elements()
    await runNft(replaceScript(bridge, [ipv4(1), ipv6(2)]))
    change([ipv4(1), ipv6(2)], kept)
    assert.equal(await elements(), wanted)
    await runNft(removeScript(bridge))
  })

  test('a change that the kernel refuses in part is not made at all', async () => {
    await runNft(replaceScript(bridge, [ipv4(80)]))
    const before = await elements()
    assert.throws(() => change([ipv4(81)], [ipv4(82)]), { code: 'ENOENT' }, 'what is to go is not there')
    const elsewhere = { ...ipv4(80), address: '172.17.0.3' }
    assert.throws(() => change([], [ipv4(82), elsewhere]), /EBUSY|EEXIST/, 'its place is taken')
    assert.equal(await elements(), before)
    await runNft(removeScript(bridge))
    assert.throws(() => change([], [ipv4(80)]), { code: 'ENOENT' }, 'there is no table')
  })

  test('thousands of elements come and go in one change', async () => {
    await runNft(replaceScript(bridge, []))
    const none = await elements()
    const many = Array.from({ length: 3000 }, (_, at) => ipv4(20_000 + at))
    change([], many)
    assert.equal(JSON.parse(await elements()).length, many.length)
    change(many, [])
    assert.equal(await elements(), none)
    await runNft(removeScript(bridge))
  })
})
