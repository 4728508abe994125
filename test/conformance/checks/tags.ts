import assert from 'node:assert/strict'
import type { Candidate } from '../candidate.ts'
import { Absent, section } from '../check.ts'
import { someImage } from '../content.ts'

const names = ['v1', 'a', 'Z', 'v10', '_x', 'latest', 'v2']
const sorted = [...names].sort()

const pushTags = async (registry: Candidate): Promise<string> => {
  const repository = registry.newRepository()
  const image = someImage()
  await registry.pushImage(repository, image.descriptor.digest, image)
  for (const name of names) (await registry.putManifest(repository, name, image)).expect(201)
  return repository
}

const isSorted = (tags: readonly string[]): boolean =>
  tags.join() === [...tags].sort().join() ||
  tags.join() === [...tags].sort((a, b) => a.toLowerCase().localeCompare(b.toLowerCase())).join()

/** The address of the next page, if there is one. */
const nextOf = (link: unknown): string | undefined => /^<([^>]+)>; *rel="?next"?$/.exec(String(link ?? ''))?.[1]

export const listTags = section('Listing tags', {
  must: {
    'the list is 200, complete and in order': async (registry) => {
      const tags = await registry.tags(await pushTags(registry))
      assert.deepEqual([...tags].sort(), sorted)
      assert.ok(isSorted(tags), tags.join())
    },
    'n is how many come at most': async (registry) => {
      const repository = await pushTags(registry)
      for (const n of [1, 3, names.length, 100]) {
        const tags = await registry.tags(repository, `?n=${n}`)
        assert.equal(tags.length, Math.min(n, names.length))
      }
    },
    'n=0 is an empty list without a Link': async (registry) => {
      const repository = await pushTags(registry)
      const answer = (await registry.call('GET', `/v2/${repository}/tags/list?n=0`)).expect(200)
      assert.deepEqual([answer.json()['tags'] ?? [], nextOf(answer.headers.link)], [[], undefined])
    },
    'last is where the list goes on, itself not in it': async (registry) => {
      const repository = await pushTags(registry)
      const all = await registry.tags(repository)
      assert.deepEqual(await registry.tags(repository, `?last=${all[2]}`), all.slice(3))
      assert.deepEqual(await registry.tags(repository, `?n=2&last=${all[2]}`), all.slice(3, 5))
      assert.deepEqual(await registry.tags(repository, `?n=2&last=${all.at(-1)}`), [])
    },
    'a repository that is not there is 404': async (registry) => {
      const answer = (await registry.call('GET', `/v2/${registry.newRepository()}/tags/list`)).expect(404)
      assert.deepEqual(answer.codes(), ['NAME_UNKNOWN'])
    },
    'a repository without tags has an empty list': async (registry) => {
      const repository = registry.newRepository()
      const image = someImage()
      await registry.pushImage(repository, image.descriptor.digest, image)
      assert.deepEqual(await registry.tags(repository), [])
    },
  },
  may: {
    'Link leads through all pages, to their end': async (registry) => {
      const repository = await pushTags(registry)
      const seen: string[] = []
      let path: string | undefined = `/v2/${repository}/tags/list?n=2`
      for (let pages = 0; path !== undefined; pages += 1) {
        assert.ok(pages < names.length, 'there is no end')
        const answer = (await registry.call('GET', path)).expect(200)
        seen.push(...(answer.json()['tags'] as string[]))
        path = nextOf(answer.headers.link)
        if (pages === 0 && path === undefined) throw new Absent('there is no Link')
      }
      assert.deepEqual([...seen].sort(), sorted)
    },
    'an n that is no number is refused': async (registry) => {
      const repository = await pushTags(registry)
      for (const n of ['x', '-1', '1.5']) {
        const answer = await registry.call('GET', `/v2/${repository}/tags/list?n=${n}`)
        if (answer.status === 200) throw new Absent(`n=${n} is passed over`)
        answer.expect(400)
      }
    },
  },
  docker: {
    '_catalog lists repositories, in pages': async (registry) => {
      await pushTags(registry)
      const first = await registry.call('GET', '/v2/_catalog?n=1')
      if (first.status !== 200) throw new Absent(`_catalog is ${first.status}`)
      const [name] = first.json()['repositories'] as string[]
      await pushTags(registry)
      const rest = (await registry.call('GET', `/v2/_catalog?n=1&last=${name}`)).expect(200)
      assert.notDeepEqual(rest.json()['repositories'], [name])
    },
  },
})
