import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { askEngine } from '../harness/api.ts'
import { TestEngine } from '../harness/engine.ts'
import { eventually } from '../harness/patience.ts'
import { dockerProgram, plainEnvironment } from '../harness/place.ts'
import { TestRegistry } from '../harness/registry.ts'
import { type Outcome, run } from '../harness/run.ts'
import { openScratch } from '../harness/scratch.ts'

interface Case {
  readonly name: string
  readonly given: readonly string[]
  readonly when: string
  readonly code: number
  readonly says: readonly string[]
}

/** See names.txt for the form. */
const readCases = async (): Promise<readonly Case[]> => {
  const [, ...sections] = (await readFile(join(import.meta.dirname, 'names.txt'), 'utf8')).split(/^## /m)
  return sections.map((section) => {
    const [name = '', ...lines] = section.trim().split('\n')
    const at = lines.findIndex((line) => line.startsWith('$ '))
    const after = lines.slice(at + 1)
    const exit = /^exit (\d+)$/.exec(after.at(-1) ?? '')
    return {
      name,
      given: lines.slice(0, at),
      when: lines[at]?.slice(2) ?? '',
      code: Number(exit?.[1] ?? 0),
      says: exit === null ? after : after.slice(0, -1),
    }
  })
}

/** A daemon that speaks docker's API, with nothing in it. */
interface Subject {
  readonly socket: string
  docker(args: readonly string[]): Promise<Outcome>
  readonly registry: string
  /** A tar of a small system. */
  readonly system: string
}

const nobody = '0'.repeat(64)

const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain = '']) => quoted ?? plain)

/** The ids that a case's lines printed, by the names that it gives them. */
class Names {
  readonly #registry: string
  readonly #ids = new Map<string, string>()

  constructor(registry: string) {
    this.#registry = registry
  }

  learn(name: string, printed: string): void {
    const digest = /digest: (sha256:[0-9a-f]{64})/.exec(printed)?.[1]
    this.#ids.set(name, digest ?? printed.trim())
  }

  /** The names of a text, replaced by what they stand for. */
  fill(text: string): string {
    return text
      .replaceAll('{R}', this.#registry)
      .replaceAll('{nobody}', nobody)
      .replaceAll(/\{([A-Z])\}/g, (_, name: string) => this.#ids.get(name) ?? '?')
      .replaceAll(
        /\{([A-Z]):12\}/g,
        (_, name: string) => this.#ids.get(name)?.replace('sha256:', '').slice(0, 12) ?? '?',
      )
  }

  /** A daemon's words, with what differs from one to the next taken out. */
  blank(said: string): readonly string[] {
    const known = [...this.#ids.values(), `sha256:${nobody}`]
    return said
      .replaceAll(/sha256:[0-9a-f]{64}/g, (digest) => (known.includes(digest) ? digest : '<layer>'))
      .replaceAll(/reclaimed space: .*/g, 'reclaimed space: <bytes>')
      .split('\n')
      .filter((line) => line !== '')
  }
}

/** A line's words; what is imported goes in before the name. */
const argumentsOf = (line: string, system: string): readonly string[] => {
  const words = wordsOf(line)
  return words[0] === 'import' ? [...words.slice(0, -1), system, words.at(-1) ?? ''] : words
}

const perform = async ({ docker, registry, system }: Subject, { given, when, code, says }: Case) => {
  const names = new Names(registry)
  for (const line of given) {
    const [, name, command = ''] = /^(?:([A-Z])=)?(.*)$/.exec(line) ?? []
    const outcome = await docker(argumentsOf(names.fill(command), system))
    assert.equal(outcome.code, 0, `${line}: ${outcome.stdout}${outcome.stderr}`)
    if (name !== undefined) names.learn(name, outcome.stdout)
  }
  const outcome = await docker(argumentsOf(names.fill(when), system))
  const said = [...names.blank(outcome.stdout), ...names.blank(outcome.stderr)]
  // Images of one second come in no order.
  const ordered = (lines: readonly string[]) => (when.startsWith('images') ? lines.toSorted() : lines)
  assert.deepEqual(ordered(said), ordered(says.map((line) => names.fill(line))))
  assert.equal(outcome.code, code)
}

const removeAll = async ({ socket }: Subject): Promise<void> => {
  const left = async (kind: string): Promise<number> => {
    const { text } = await askEngine(socket, `/${kind}/json?all=1`)
    const ids = (JSON.parse(text) as readonly { Id: string }[]).map(({ Id }) => Id)
    for (const id of ids) await askEngine(socket, `/${kind}/${id}?force=1`, { method: 'DELETE' })
    return ids.length
  }
  // A parent goes after its children.
  for (const kind of ['containers', 'images']) await eventually(`no ${kind}`, async () => (await left(kind)) === 0)
}

/**
 * Whether the table is true is for dockerd to say:
 * `SLIPWAY_TEST_DOCKERD=/run/docker.sock SLIPWAY_TEST_DOCKERD_REGISTRY=127.0.0.1:5000`.
 */
const { SLIPWAY_TEST_DOCKERD: dockerd, SLIPWAY_TEST_DOCKERD_REGISTRY: itsRegistry = '' } = process.env

test('names, removals and pruning: what docker says', async (t) => {
  await using scratch = await openScratch()
  await using registry = await TestRegistry.start(scratch)
  await using engine = await TestEngine.start(scratch)
  const client = engine.client()
  await engine.addBusybox()
  const system = join(scratch.path, 'system.tar')
  await client.ok(['create', '--name', 'system', 'busybox'])
  await client.ok(['export', '-o', system, 'system'])
  const env = { ...plainEnvironment(), DOCKER_HOST: `unix://${dockerd}`, DOCKER_CONFIG: scratch.path }
  const docker = (args: readonly string[]) => (dockerd ? run(dockerProgram, args, { env }) : client.run(args))
  const subject = {
    docker,
    socket: dockerd ?? engine.socket,
    registry: dockerd ? itsRegistry : registry.address,
    system,
  }
  await removeAll(subject)
  for (const each of await readCases()) {
    await t.test(each.name, () => perform(subject, each))
    await removeAll(subject)
  }
})
