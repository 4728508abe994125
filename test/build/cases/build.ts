import { chmod, copyFile, lutimes, mkdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { run } from '../../harness/run.ts'
import { base, triggers } from './base.ts'
import type { Case, CaseFile } from './case.ts'
import { applyLayer, contextTime, differences } from './layers.ts'

/** What came of a case. */
export type CaseResult =
  | { readonly error: string }
  | {
      readonly config: Readonly<Record<string, unknown>>
      readonly history: readonly string[]
      /** What there is beyond the base image. */
      readonly files: Readonly<Record<string, string>>
    }

export interface CaseBuilder {
  /** The docker CLI, and what it needs to find its engine and buildx. */
  readonly program: string
  readonly env: NodeJS.ProcessEnv
  /** An empty directory. */
  readonly directory: string
  /** A static busybox. */
  readonly busybox: string
}

/** Those that are meant to fail say so in their names. */
export const isFailing = ({ name }: Case): boolean => name.endsWith(' fails')

const tagOf = (number: number): string => `case-number-${number}`

const bytesOf = (file: string | { readonly text: string; readonly mode: number } | { readonly base64: string }) => {
  if (typeof file === 'string') return { text: file, mode: 0o644 }
  return 'base64' in file ? { text: Buffer.from(file.base64, 'base64'), mode: 0o644 } : file
}

const writeFileOf = async (path: string, file: CaseFile): Promise<void> => {
  await mkdir(dirname(path), { recursive: true })
  if (typeof file === 'object' && 'copyOf' in file) {
    await copyFile(file.copyOf, path)
    await chmod(path, 0o755)
  } else if (typeof file === 'string' || 'text' in file || 'base64' in file) {
    const { text, mode } = bytesOf(file)
    await writeFile(path, text)
    await chmod(path, mode)
    await utimes(path, contextTime, contextTime)
  } else if ('link' in file) {
    await symlink(file.link, path)
    await lutimes(path, contextTime, contextTime)
  } else {
    await mkdir(path, { recursive: true })
    await chmod(path, file.directory)
  }
}

const writeContext = async (root: string, { files = {}, lines }: Case): Promise<void> => {
  await rm(root, { recursive: true, force: true })
  await mkdir(root, { recursive: true })
  for (const [name, file] of Object.entries(files)) await writeFileOf(join(root, name), file)
  await writeFileOf(join(root, 'Dockerfile'), `${lines.join('\n')}\n`)
}

const optionsOf = ({ args = {}, labels = {}, target }: Case): readonly string[] => [
  ...Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
  ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
  ...(target === undefined ? [] : ['--target', target]),
]

/** The last line of what BuildKit's client says, without what is different each time. */
const errorIn = (text: string): string => {
  const line = text.split('\n').findLast((each) => each.startsWith('ERROR: ')) ?? text.slice(-2000)
  return line
    .replace(/^ERROR: (?:failed to build: )?(?:failed to solve: )?(?:failed to run Build function: )?/, '')
    .replace(/rpc error: code = Unknown desc = /, '')
    .replace(/\bref \S+?: /, 'ref: ')
    .replace(/\b[a-z0-9]{25}::[a-z0-9]{25}\b/g, 'ID')
    .replace(/ \/\S+\/merged\//, ' /')
}

interface SavedImage {
  readonly Config: string
  readonly RepoTags: readonly string[]
  readonly Layers: readonly string[]
}

interface Config {
  readonly author?: string
  readonly os: string
  readonly config?: Readonly<Record<string, unknown>>
  readonly history?: readonly {
    readonly created_by?: string
    readonly empty_layer?: boolean
    readonly comment?: string
    readonly author?: string
  }[]
}

/** Empty is as good as absent. */
const present = (config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(config)
      .filter(
        ([, value]) =>
          value !== null && value !== '' && value !== false && !(Array.isArray(value) && value.length === 0),
      )
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )

/** Reads `docker save`'s archive, which is unpacked in `root`. */
class Saved {
  readonly #root: string
  readonly #trees = new Map<string, Promise<ReadonlyMap<string, string>>>()

  constructor(root: string) {
    this.#root = root
  }

  async images(): Promise<ReadonlyMap<string, SavedImage>> {
    const manifest = JSON.parse(await readFile(join(this.#root, 'manifest.json'), 'utf8')) as readonly SavedImage[]
    return new Map(
      manifest.flatMap((image) => (image.RepoTags ?? []).map((tag) => [tag.replace(/:latest$/, ''), image] as const)),
    )
  }

  tree(layers: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const key = layers.join()
    const known = this.#trees.get(key) ?? this.#makeTree(layers)
    this.#trees.set(key, known)
    return known
  }

  async #makeTree(layers: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const last = layers.at(-1)
    if (last === undefined) return new Map()
    const below = await this.tree(layers.slice(0, -1))
    const bytes = await readFile(join(this.#root, last))
    return applyLayer(below, bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes)
  }

  async result(image: SavedImage, baseImage: SavedImage): Promise<CaseResult> {
    const {
      author,
      os,
      config = {},
      history = [],
    } = JSON.parse(await readFile(join(this.#root, image.Config), 'utf8')) as Config
    const tree = await this.tree(image.Layers)
    const standsOnBase = baseImage.Layers.every((layer, index) => layer === image.Layers[index])
    return {
      config: { os, ...(author === undefined ? {} : { author }), ...present(config) },
      history: history.map(
        ({ created_by: createdBy = '', empty_layer: isEmpty, comment = '', author: by }) =>
          `${isEmpty === true ? '  ' : '+ '}${createdBy} (${comment})${by === undefined ? '' : ` by ${by}`}`,
      ),
      files: differences(standsOnBase ? await this.tree(baseImage.Layers) : new Map(), tree),
    }
  }
}

type Numbered = readonly [number: number, one: Case]

const groupSize = 20

const groupsOf = (all: readonly Numbered[]): readonly (readonly Numbered[])[] =>
  Array.from({ length: Math.ceil(all.length / groupSize) }, (_, index) =>
    all.slice(index * groupSize, (index + 1) * groupSize),
  )

/** In a bake file `$` begins a variable of its own. */
const escaped = (record: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, value.replaceAll('${', '$${')]))

const bakeFile = (group: readonly Numbered[], contextOf: (name: string) => string) => ({
  group: { default: { targets: group.map(([number]) => tagOf(number)) } },
  target: Object.fromEntries(
    group.map(([number, { args = {}, labels = {}, target }]) => [
      tagOf(number),
      {
        context: contextOf(tagOf(number)),
        args: escaped(args),
        labels: escaped(labels),
        tags: [tagOf(number)],
        ...(target === undefined ? {} : { target }),
      },
    ]),
  ),
})

/** Builds every case with the stock client, and tells what came of it, by name. */
export const buildCases = async (
  cases: readonly Case[],
  builder: CaseBuilder,
): Promise<ReadonlyMap<string, CaseResult>> => {
  const { program, env, directory } = builder
  // Bake reads no files from above where it runs.
  const docker = (args: readonly string[]) => run(program, args, { env, cwd: directory })
  const contextOf = (name: string): string => join(directory, name)
  const build = async (one: Case, tag: string): Promise<CaseResult | undefined> => {
    await writeContext(contextOf(tag), one)
    const { code, stderr } = await docker(['build', '--progress=plain', ...optionsOf(one), '-t', tag, contextOf(tag)])
    return code === 0 ? undefined : { error: errorIn(stderr) }
  }
  const mustBuild = async (one: Case): Promise<void> => {
    const failed = await build(one, `case-${one.name}`)
    if (failed !== undefined && 'error' in failed) throw new Error(`${one.name}: ${failed.error}`)
  }
  await mustBuild({ ...base, files: { busybox: { copyOf: builder.busybox } } })
  await mustBuild(triggers)

  const results = new Map<string, CaseResult>()
  const numbered = [...cases.entries()]
  const buildAlone = async ([number, one]: Numbered): Promise<void> => {
    const failed = await build(one, tagOf(number))
    if (failed !== undefined) results.set(one.name, failed)
  }
  /** One client for many: most of the time is theirs. Who wrongly fails takes the others along, and then all go alone. */
  const buildTogether = async (group: readonly Numbered[]): Promise<void> => {
    for (const [number, one] of group) await writeContext(contextOf(tagOf(number)), one)
    const file = join(directory, `bake-${group[0]?.[0]}.json`)
    await writeFile(file, JSON.stringify(bakeFile(group, contextOf)))
    if ((await docker(['buildx', 'bake', '--progress=plain', '-f', file])).code === 0) return
    for (const each of group) await buildAlone(each)
  }
  const alone = numbered.filter(([, one]) => isFailing(one)).map((each) => () => buildAlone(each))
  const together = groupsOf(numbered.filter(([, one]) => !isFailing(one))).map((group) => () => buildTogether(group))
  const pending = [...together, ...alone]
  const work = async (): Promise<void> => {
    for (let next = pending.shift(); next !== undefined; next = pending.shift()) await next()
  }
  await Promise.all([work(), work(), work(), work()])

  // An image without layers can't be saved by everyone.
  for (const [number, { name }] of numbered) {
    if (results.has(name)) continue
    const { stdout } = await docker(['image', 'inspect', '--format', '{{len .RootFS.Layers}}', tagOf(number)])
    if (stdout.trim() === '0') results.set(name, { error: 'it is empty' })
  }
  const built = numbered.filter(([, { name }]) => !results.has(name))
  const archive = join(directory, 'images.tar')
  const unpacked = contextOf('images')
  await mkdir(unpacked)
  const tags = ['case-base', ...built.map(([number]) => tagOf(number))]
  const saved = await docker(['save', '-o', archive, ...tags])
  if (saved.code !== 0) throw new Error(saved.stderr)
  await run('tar', ['-xf', archive, '-C', unpacked])
  const reader = new Saved(unpacked)
  const images = await reader.images()
  const baseImage = images.get('case-base')
  if (baseImage === undefined) throw new Error('the base image was not saved')
  for (const [number, { name }] of built) {
    const image = images.get(tagOf(number))
    if (image !== undefined) results.set(name, await reader.result(image, baseImage))
  }
  return results
}
