/**
 * What a page of the documentation names and the tree doesn't have: links, paths, scripts, settings, and names of the code. Pure:
 * what there is comes in as a `Tree`.
 */
import { dirname, join, normalize } from 'node:path'

export interface Tree {
  /** Every file, and every directory with a slash at its end, from the checkout: `packages/core/src/digest.ts`, `packages/`. */
  readonly paths: ReadonlySet<string>
  /** Words of the sources: names, `--flags`, variables of the environment. */
  readonly words: ReadonlySet<string>
  /** What `npm run` knows. */
  readonly scripts: ReadonlySet<string>
  /** The anchors of a page, from its headings. */
  readonly anchors: (page: string) => ReadonlySet<string>
}

/** As GitHub makes an anchor of a heading. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
    .replaceAll(' ', '-')

const link = /\]\(([^)\s]+)\)/g
const code = /`([^`\n]+)`/g
const fence = /^```[\s\S]*?^```$/gm
const file = /^[\w.@-]+(\/[\w.@-]+)*\.(tsx?|js|md|sh)$/
const directory = /^[\w.@-]+(\/[\w.@-]+)*\/$/
/** Settings of Node's test runner. */
const ofNode = /^test-/
/** What is no path of the checkout although it looks like one: the names of files to come. */
const patterns = /^(x(\.root)?\.test\.ts|\.tsx?)$/

const brokenLink = (page: string, target: string, tree: Tree): boolean => {
  if (/^[a-z]+:/.test(target)) return false
  const [path = '', anchor] = target.split('#')
  const whole = path === '' ? page : normalize(join(dirname(page), path))
  if (!tree.paths.has(whole) && !tree.paths.has(`${whole}/`)) return true
  return anchor !== undefined && !tree.anchors(whole).has(anchor)
}

/** A page may leave out where a path begins: `packages/`, or the room that it is talking of. */
const isPath = (path: string, tree: Tree): boolean =>
  tree.paths.has(path) || [...tree.paths].some((known) => known.endsWith(`/${path}`))

/** `copyImage()`, `BridgeDriver.sweep()`, `FsContentStore`: its last name. */
const nameIn = (text: string): string | undefined => {
  if (/^[A-Za-z_][\w.]*\(\)$/.test(text)) return text.slice(0, -2).split('.').at(-1)
  return /^[A-Z][a-z]+([A-Z0-9]\w*)+(\.\w+)?$/.test(text) ? text.split('.')[0] : undefined
}

const missing = (text: string, tree: Tree): string | undefined => {
  if (patterns.test(text)) return undefined
  if (file.test(text) || directory.test(text)) return isPath(text, tree) ? undefined : 'no such path'
  const name = nameIn(text)
  if (name !== undefined) return tree.words.has(name) ? undefined : 'no such name in the code'
  const flag = /(?:^|\s)--([a-z][a-z0-9]*(?:-[a-z0-9]+)*)(?!\w|-)/.exec(text)?.[1]
  if (flag !== undefined && !ofNode.test(flag) && !tree.words.has(flag)) return 'no such setting'
  const variable = /^SLIPWAY_[A-Z_]+/.exec(text)?.[0]
  return variable !== undefined && !tree.words.has(variable) ? 'no such variable' : undefined
}

/** `  store/  bytes: content/ snapshot/`, and what goes on below it: each folder of a package that the tree's picture names. */
const missingFolders = (picture: string, tree: Tree): readonly string[] => {
  const missing: string[] = []
  let place = ''
  for (const line of picture.split('\n')) {
    const [, indent = '', name, about = ''] = /^( {0,2})([\w-]+)\/(?:\s+(.*))?$/.exec(line) ?? []
    const text = name === undefined ? line : about
    if (name !== undefined) {
      place = indent === '' ? `${name}/` : `${place.split('/')[0]}/${name}/`
      if (!tree.paths.has(place)) missing.push(place)
    }
    if (!place.startsWith('packages/') || place === 'packages/') continue
    for (const [, folder = ''] of text.matchAll(/(?<![\w/])([\w-]+(?:\/[\w-]+)*\/)(?![\w<])/g)) {
      const isThere = [...tree.paths].some((path) => path.startsWith(place) && path.endsWith(`/${folder}`))
      if (!isThere) missing.push(`${place}…/${folder}`)
    }
  }
  return missing
}

/** One sentence for each thing that isn't there. */
export const mistakesIn = (page: string, text: string, tree: Tree): readonly string[] => {
  const prose = text.replaceAll(fence, '')
  const links = [...prose.matchAll(link)].map(([, target = '']) => target)
  const codes = [...prose.matchAll(code)].map(([, inner = '']) => inner)
  const scripts = [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, script = '']) => script)
  const pictures = [...text.matchAll(fence)].map(([block]) => block).filter((block) => /^packages\/$/m.test(block))
  return [
    ...pictures.flatMap((picture) => missingFolders(picture, tree)).map((path) => `no such folder: ${path}`),
    ...links.filter((target) => brokenLink(page, target, tree)).map((target) => `the link ${target} leads nowhere`),
    ...codes.flatMap((inner) => {
      const what = missing(inner, tree)
      return what === undefined ? [] : [`${what}: ${inner}`]
    }),
    ...scripts.filter((script) => !tree.scripts.has(script)).map((script) => `no such script: npm run ${script}`),
  ]
}

/** Pictures that no page shows. */
export const unusedPictures = (pages: ReadonlyMap<string, string>, tree: Tree): readonly string[] => {
  const shown = new Set(
    [...pages].flatMap(([page, text]) =>
      [...text.matchAll(link)].map(([, target = '']) => normalize(join(dirname(page), target))),
    ),
  )
  return [...tree.paths].filter((path) => path.endsWith('.png') && path.startsWith('docs/') && !shown.has(path))
}
