// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is about such text
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expandWord, expandWords } from './expand.ts'

const variables: Readonly<Record<string, string>> = {
  PWD: '/home',
  SHELL: 'bash',
  EMPTY: '',
  WITH_SPACES: 'a  b',
  VERSION: 'v1.2.3-rc1',
  PATHLIKE: '/foo/bar/baz.tar.gz',
  MATCH: '*?\\[a',
  KOREAN: '한국어',
  STARS: 'a*b*c',
  LINES: 'one\ntwo',
}
const lookUp = (name: string): string | undefined => variables[name]

const words: readonly (readonly [text: string, expected: string])[] = [
  ['hello', 'hello'],
  ["he'll'o", 'hello'],
  ["he\\'llo", "he'llo"],
  ['abc\\tdef', 'abctdef'],
  ['"abc\\tdef"', 'abc\\tdef'],
  ['"abc\\\\tdef"', 'abc\\tdef'],
  ["'abc\\tdef'", 'abc\\tdef'],
  ['hello\\', 'hello'],
  ['hello\\\\', 'hello\\'],
  ['"hel\'lo"', "hel'lo"],
  ["'hello\\'", 'hello\\'],
  ["'hello\\there'", 'hello\\there'],
  ["'hello\\\\there'", 'hello\\\\there'],
  ['"\'\'"', "''"],
  ['$', '$'],
  ['$.', '$.'],
  ['he$1x', 'hex'],
  ['he$12x', 'hex'],
  ['he$.x', 'he$.x'],
  ['he$pwd.', 'he.'],
  ['he$PWD', 'he/home'],
  ['he\\$PWD', 'he$PWD'],
  ['he\\\\$PWD', 'he\\/home'],
  ['"he\\$PWD"', 'he$PWD'],
  ['"he\\\\$PWD"', 'he\\/home'],
  ["'he\\$PWD'", 'he\\$PWD'],
  ['\\${}', '${}'],
  ['\\${}aaa', '${}aaa'],
  ['he\\${hi}', 'he${hi}'],
  ['he${hi}', 'he'],
  ['he${hi}xx', 'hexx'],
  ['he${PWD}', 'he/home'],
  ["'he${XX}'", 'he${XX}'],
  ['"he${PWD}"', 'he/home'],
  ['"he\'$PWD\'"', "he'/home'"],
  ['he${XXX:-000}xx', 'he000xx'],
  ['he${PWD:-000}xx', 'he/homexx'],
  ['he${XXX:-$PWD}xx', 'he/homexx'],
  ['he${XXX:-${PWD:-yyy}}xx', 'he/homexx'],
  ['he${XXX:-${YYY:-yyy}}xx', 'heyyyxx'],
  ['he${XXX:-\\$PWD:}xx', 'he$PWD:xx'],
  ['he${XXX:-\\${PWD}z}xx', 'he${PWDz}xx'],
  ['he${EMPTY:-000}xx', 'he000xx'],
  ['he${EMPTY-000}xx', 'hexx'],
  ['he${XXX-000}xx', 'he000xx'],
  ['he${XXX:+${PWD}}xx', 'hexx'],
  ['he${PWD:+${XXX}}xx', 'hexx'],
  ['he${PWD:+${SHELL}}xx', 'hebashxx'],
  ['he${EMPTY:+000}xx', 'hexx'],
  ['he${EMPTY+000}xx', 'he000xx'],
  ['he${XXX+000}xx', 'hexx'],
  ['he${PWD:+${PWD}:}xx', 'he/home:xx'],
  ['${PWD:?gone}', '/home'],
  ['${EMPTY?gone}', ''],
  ['${VERSION#v}', '1.2.3-rc1'],
  ['${VERSION#x}', 'v1.2.3-rc1'],
  ['${VERSION%-*}', 'v1.2.3'],
  ['${VERSION%%.*}', 'v1'],
  ['${VERSION%.*}', 'v1.2'],
  ['${PATHLIKE##*/}', 'baz.tar.gz'],
  ['${PATHLIKE#*/}', 'foo/bar/baz.tar.gz'],
  ['${PATHLIKE%/*}', '/foo/bar'],
  ['${PATHLIKE%%/*}', ''],
  ['${PATHLIKE#/???/}', 'bar/baz.tar.gz'],
  ['${STARS#a\\*}', 'b*c'],
  ['${STARS%\\**}', 'a*b'],
  ['${LINES#*t}', 'one\ntwo'],
  ['${PATHLIKE/bar/qux}', '/foo/qux/baz.tar.gz'],
  ['${PATHLIKE//a/A}', '/foo/bAr/bAz.tAr.gz'],
  ['${PATHLIKE/b*\\//X-}', '/foo/X-baz.tar.gz'],
  ['${PATHLIKE/b?r/X}', '/foo/X/baz.tar.gz'],
  ['${PATHLIKE//\\//-}', '-foo-bar-baz.tar.gz'],
  ['${PATHLIKE//ba?/$1}', '/foo//.tar.gz'],
  ['${EMPTY//*/x}', 'x'],
  ['${SHELL//*/x}', 'x'],
  ['${XXX/a/b}', ''],
  ['$KOREAN', '한국어'],
  ['안녕${KOREAN}하세요', '안녕한국어하세요'],
  ['$안녕', ''],
  ['$@$*$#$?$-$!', ''],
  ['${WITH_SPACES}', 'a  b'],
]

test('expandWord() takes quotes away and fills variables in', () => {
  for (const [text, expected] of words) assert.equal(expandWord(text, lookUp), expected, text)
})

const mistakes: readonly (readonly [text: string, message: RegExp])[] = [
  ["he'llo", /looking for matching single-quote/],
  ["he\\\\'llo", /looking for matching single-quote/],
  ['"hello', /looking for matching double-quote/],
  ['"hello\\"', /looking for matching double-quote/],
  ["'a\\'b'", /looking for matching single-quote/],
  ['he${}', /bad substitution/],
  ['he${:x}', /bad substitution/],
  ['he${{x}}', /bad substitution/],
  ['he${.}', /unsupported modifier \(\.\) in substitution/],
  ['he${XXX:YYY}', /unsupported modifier \(:Y\) in substitution/],
  ['he${PWD:=000}xx', /unsupported modifier \(:=\) in substitution/],
  ['${PWD:#x}', /unsupported modifier \(:#\) in substitution/],
  ['${PWD:%x}', /unsupported modifier \(:%\) in substitution/],
  ['he${PWD', /unsupported modifier \(\uFFFD\)/],
  ['he${', /missing '}'/],
  ['he${PWD:-x', /missing '}'/],
  ['he${PWD:', /missing '}'/],
  ['he${PWD:}', /missing '}'/],
  ['he${PWD:=', /missing '}'/],
  ['${PWD:#', /unsupported modifier \(:#\)/],
  ['${PWD/x}', /missing '\/' in \$\{\}/],
  ['${PWD/x/y', /missing '}'/],
  ['${XXX?}', /XXX: is not allowed to be unset/],
  ['${EMPTY:?}', /EMPTY: is not allowed to be empty/],
  ['${XXX:?tell me}', /XXX: tell me/],
  ['${PWD#\\x}', /invalid pattern/],
]

test('expandWord() says what is wrong', () => {
  for (const [text, message] of mistakes) assert.throws(() => expandWord(text, lookUp), message, text)
})

const lists: readonly (readonly [text: string, expected: readonly string[]])[] = [
  ['', []],
  ['a b', ['a', 'b']],
  ['  a \t b  ', ['a', 'b']],
  ['"a b" c', ['a b', 'c']],
  ["'a b'c", ['a bc']],
  ['a\\ b', ['a b']],
  ['$WITH_SPACES', ['a', 'b']],
  ['"$WITH_SPACES"', ['a  b']],
  ['x$WITH_SPACES', ['xa', 'b']],
  ['$XXX', []],
]

test('expandWords() splits at white space that nothing protects, also in what variables hold', () => {
  for (const [text, expected] of lists) assert.deepEqual(expandWords(text, lookUp), expected, text)
})

test('expandWord() uses another escape character when it is told to', () => {
  const options = { escape: '`' }
  assert.equal(expandWord('C:\\x`$PWD', lookUp, options), 'C:\\x$PWD')
  assert.equal(expandWord('"a`"b"', lookUp, options), 'a"b')
})

test('expandWord() leaves quotes alone in the body of a heredoc', () => {
  assert.equal(expandWord('say "$PWD" it\'s \\$PWD', lookUp, { ignoreQuotes: true }), 'say "/home" it\'s $PWD')
})

test('expandWord() takes no time that grows out of proportion, and no memory without end', () => {
  const long = (name: string): string | undefined => (name === 'A' ? 'a'.repeat(4000) : undefined)
  const started = process.cpuUsage()
  assert.equal(expandWord(`\${A#${'*a'.repeat(30)}*b}`, long), 'a'.repeat(4000))
  assert.ok(process.cpuUsage(started).user < 20e6)
  const huge = (): string => 'x'.repeat(600_000)
  assert.throws(() => expandWord('$A$A', huge), /too long/)
  assert.throws(() => expandWord('${A:-'.repeat(5000), () => undefined), /nested too deep|missing/)
})
