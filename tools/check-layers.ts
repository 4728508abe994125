/**
 * Holds the arrows of ARCHITECTURE.md: which package may import which, that nobody reaches into another package's files, and that
 * what is imported from npm is declared. Prints what is wrong, and exits with 1.
 */
import { globSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** Who may import whom. Tests (`*.test.ts`, `testing/`) may also import `testOnly`. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  core: [],
  linux: ['core'],
  store: ['core', 'linux'],
  remote: ['core'],
  transfer: ['core'],
  protobuf: [],
  runtime: ['core', 'linux', 'protobuf'],
  buildkit: ['core', 'protobuf'],
  network: ['core', 'linux'],
  http: ['core'],
  database: ['core'],
  client: ['core'],
  build: ['core', 'linux', 'store', 'runtime', 'network', 'database'],
  engine: [
    'core',
    'linux',
    'store',
    'remote',
    'transfer',
    'runtime',
    'network',
    'http',
    'database',
    'client',
    'build',
    'buildkit',
  ],
  registry: ['core', 'store', 'http', 'database', 'client', 'linux'],
  cli: ['buildkit', 'client'],
  web: ['client'],
  dashboard: ['core', 'http', 'client'],
  up: ['core', 'http', 'engine', 'registry', 'dashboard'],
}

/** Packages that a package's tests use as the other end. */
const testOnly: Readonly<Record<string, readonly string[]>> = {
  remote: ['registry', 'store'],
  transfer: ['store'],
  engine: ['registry'],
  registry: ['remote'],
}

const root = join(import.meta.dirname, '..')
const importPattern =
  /(?:^|\n)\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g

const importsOf = (file: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(importPattern)].map(([, still, dynamic]) => still ?? dynamic ?? '')

const isTest = (file: string): boolean => /\.test\.ts$|[/\\](testing|suite)([/\\]|\.ts$)/.test(file)

/** What is wrong with one import of one file; undefined: nothing. */
const complaint = (
  owner: string,
  file: string,
  specifier: string,
  declared: ReadonlySet<string>,
): string | undefined => {
  if (specifier.startsWith('node:')) return undefined
  if (specifier.startsWith('.')) {
    const target = relative(join(root, 'packages', owner), join(file, '..', specifier))
    return target.startsWith(`..${sep}`) ? `reaches into another package by path: ${specifier}` : undefined
  }
  const [scope = '', name = ''] = specifier.split('/')
  if (scope !== '@slipway') {
    const dependency = scope.startsWith('@') ? `${scope}/${name}` : scope
    return declared.has(dependency) || isTest(file) ? undefined : `${dependency} is not in its package.json`
  }
  const allowed = [...(arrows[owner] ?? []), ...(isTest(file) ? (testOnly[owner] ?? []) : []), owner]
  return allowed.includes(name) ? undefined : `${owner} may not import ${name}`
}

const problems: string[] = []
for (const file of globSync('packages/*/src/**/*.{ts,tsx}', { cwd: root }).map((path) => join(root, path))) {
  const owner = relative(join(root, 'packages'), file).split(sep)[0] ?? ''
  const manifest = JSON.parse(readFileSync(join(root, 'packages', owner, 'package.json'), 'utf8'))
  if (arrows[owner] === undefined) problems.push(`packages/${owner}: not in tools/check-layers.ts`)
  const declared = new Set(Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }))
  for (const specifier of importsOf(file)) {
    const wrong = complaint(owner, file, specifier, declared)
    if (wrong !== undefined) problems.push(`${relative(root, file)}: ${wrong}`)
  }
}
for (const problem of new Set(problems)) process.stderr.write(`${problem}\n`)
process.exitCode = problems.length > 0 ? 1 : 0
