import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { step } from './progress.js'
import { lastWords, run, SetupError } from './run.js'

/** What the pages are made of, below the checkout. */
const sources = ['package-lock.json', 'packages/web/index.html', 'packages/web/hub.html', 'packages/web/vite.config.ts']
const folders = ['packages/web/src', 'packages/web/public']

/** Every file's path and content: other pages have another digest.
 * @param {string} root
 */
const digestOf = async (root) => {
  const lists = await Promise.all(folders.map((folder) => readdir(join(root, folder), { recursive: true })))
  const below = lists.flatMap((names, index) => names.map((name) => join(folders[index] ?? '', name)))
  const hash = createHash('sha256')
  for (const path of [...sources, ...below].sort()) {
    const bytes = await readFile(join(root, path)).catch((error) => {
      if (error.code === 'EISDIR') return undefined
      throw error
    })
    if (bytes !== undefined) hash.update(`${path} ${bytes.length}\n`).update(bytes)
  }
  return hash.digest('hex')
}

/**
 * Builds the dashboard's pages, unless those that are there are of the same sources.
 * @param {string} root
 * @param {string} node  the Node that runs the product
 */
export const buildPages = async (root, node) => {
  const web = join(root, 'packages/web')
  const mark = join(web, 'dist/.sources')
  const digest = await digestOf(root)
  if ((await readFile(mark, 'utf8').catch(() => '')) === digest) return
  await step('web pages', async (say) => {
    await run(node, [join(root, 'node_modules/vite/bin/vite.js'), 'build'], { cwd: web, onLine: say }).catch(
      (error) => {
        throw new SetupError('The web pages could not be built:', lastWords(error))
      },
    )
    await writeFile(mark, digest)
  })
}
