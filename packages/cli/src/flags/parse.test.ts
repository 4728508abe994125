import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filters, integer, list, text, toggle } from './flag.ts'
import { parseFlags } from './parse.ts'

const flags = {
  all: toggle('a', 'x'),
  env: list('e', 'x'),
  filter: filters(),
  interactive: toggle('i', 'x'),
  last: integer('n', 'x'),
  network: text('', 'x', { aliases: ['net'] }),
  publish: list('p', 'x'),
  rm: toggle('', 'x'),
  tag: text('t', 'x'),
  'sig-proxy': toggle('', 'x', { initial: true }),
}

type Expected = Readonly<Record<string, unknown>>

const rows: readonly (readonly [argv: string, values: Expected, operands?: readonly string[]])[] = [
  ['', {}],
  ['-a', { all: true }],
  ['-ai', { all: true, interactive: true }],
  ['-ait x', { all: true, interactive: true, tag: 'x' }],
  ['-aitx', { all: true, interactive: true, tag: 'x' }],
  ['-t=user/web:v1', { tag: 'user/web:v1' }],
  ['-tuser/web:v1', { tag: 'user/web:v1' }],
  ['-t =x', { tag: '=x' }],
  ['-p80:80 -p=1:2 -p 3', { publish: ['80:80', '1:2', '3'] }],
  ['--tag x', { tag: 'x' }],
  ['--tag=x=y', { tag: 'x=y' }],
  ['--tag=', { tag: '' }],
  ['--net host', { network: 'host' }],
  ['--network=a --net=b', { network: 'b' }],
  ['-a=false', { all: false }],
  ['-ia=0', { interactive: true, all: false }],
  ['--sig-proxy=false', { 'sig-proxy': false }],
  ['--rm', { rm: true }],
  ['-e A=b -e C', { env: ['A=b', 'C'] }],
  ['-n 5', { last: 5 }],
  ['-n-1', { last: -1 }],
  ['-f a=1 -f a=2 --filter B=c=d', { filter: { a: ['1', '2'], b: ['c=d'] } }],
  ['x -a y', { all: true }, ['x', 'y']],
  ['x -- -a y', {}, ['x', '-a', 'y']],
  ['-', {}, ['-']],
]

const initial = Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, flag.initial]))
const words = (line: string): readonly string[] => (line === '' ? [] : line.split(' '))

test('parseFlags() reads what pflag reads', () => {
  for (const [line, values, operands = []] of rows) {
    const parsed = parseFlags(flags, words(line))
    assert.deepEqual({ ...parsed.values }, { ...initial, ...values }, line)
    assert.deepEqual(parsed.operands, operands, line)
  }
})

test('the first operand ends the flags where the rest belongs to a command', () => {
  const { values, operands } = parseFlags(flags, words('-i image -a --rm x -- y'), { interspersed: false })
  assert.deepEqual([values.interactive, values.all, values.rm], [true, false, false])
  assert.deepEqual(operands, ['image', '-a', '--rm', 'x', '--', 'y'])
})

test('the flags that were written are known, also when they say the default', () => {
  assert.deepEqual([...parseFlags(flags, ['--sig-proxy', '--net', 'x']).given], ['sig-proxy', 'network'])
})

const mistakes: readonly (readonly [line: string, message: string])[] = [
  ['--nope', 'unknown flag: --nope'],
  ['--nope=1', 'unknown flag: --nope'],
  ['-z', "unknown shorthand flag: 'z' in -z"],
  ['-az', "unknown shorthand flag: 'z' in -az"],
  ['--tag', 'flag needs an argument: --tag'],
  ['-t', "flag needs an argument: 't' in -t"],
  ['-at', "flag needs an argument: 't' in -at"],
  ['-n x', 'invalid argument "x" for "-n, --last" flag: strconv.ParseInt: parsing "x": invalid syntax'],
  ['-a=maybe', 'invalid argument "maybe" for "-a, --all" flag: strconv.ParseBool: parsing "maybe": invalid syntax'],
  ['--rm=x', 'invalid argument "x" for "--rm" flag: strconv.ParseBool: parsing "x": invalid syntax'],
  ['-f x', 'invalid argument "x" for "-f, --filter" flag: bad format of filter (expected name=value)'],
]

test("parseFlags() says what is wrong in pflag's words", () => {
  for (const [line, message] of mistakes) assert.throws(() => parseFlags(flags, words(line)), { message }, line)
})

test('--help is always there, and -h where it is nothing else', () => {
  for (const line of ['--help', '-h', '-ah', 'x --help --nope'])
    assert.equal(parseFlags(flags, words(line)).help, true, line)
  assert.equal(parseFlags({ host: text('h', 'x') }, ['-h', 'x']).help, false)
})
