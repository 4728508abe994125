/**
 * Holds the documentation to the tree: what a page links to, and each path, script, setting and name it writes as code, must be
 * there. Prints what isn't, and exits with 1.
 */
import { globSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { anchorOf, mistakesIn, type Tree, unusedPictures } from './docs/mistakes.ts'

const root = join(import.meta.dirname, '..')
const places = '{*,{.ci,bench,bin,docs,examples,packages,test,tools}/**}'
const strange = /(^|\/)(node_modules|dist)(\/|$)/

const entries = globSync(places, { cwd: root, withFileTypes: true, exclude: (entry) => strange.test(entry.name) })
const paths = entries.map((entry) => {
  const path = join(entry.parentPath, entry.name).slice(root.length + 1)
  return entry.isDirectory() ? `${path}${sep}` : path
})
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const pages = new Map(paths.filter((path) => path.endsWith('.md')).map((path) => [path, read(path)]))
const sources = paths.filter((path) => /\.(tsx?|js|sh)$/.test(path) && !path.startsWith('tools/docs/'))
const words = new Set(sources.flatMap((path) => read(path).match(/[\w$]+(-[\w$]+)*/g) ?? []))

const tree: Tree = {
  paths: new Set(paths),
  words,
  scripts: new Set(Object.keys(JSON.parse(read('package.json')).scripts)),
  anchors: (page) =>
    new Set([...(pages.get(page) ?? '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))),
}

const mistakes = [
  ...[...pages].flatMap(([page, text]) => mistakesIn(page, text, tree).map((mistake) => `${page}: ${mistake}`)),
  ...unusedPictures(pages, tree).map((picture) => `${picture}: no page shows it`),
]
for (const mistake of new Set(mistakes)) process.stderr.write(`${mistake}\n`)
process.exitCode = mistakes.length > 0 ? 1 : 0
