import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDockerfile } from './parser.ts'
import { placesOf } from './problem.ts'

const namesAndTexts = (text: string): readonly string[] =>
  parseDockerfile(text).lines.map((line) => [line.name, ...line.flags, line.text].join(' | '))

const files: readonly (readonly [what: string, text: string, expected: readonly string[]])[] = [
  ['one instruction', 'FROM busybox', ['FROM | busybox']],
  ['names in any case', 'from busybox\nRun x', ['FROM | busybox', 'RUN | x']],
  ['a byte order mark', '\uFEFFFROM busybox', ['FROM | busybox']],
  ['CRLF', 'FROM busybox\r\nRUN a \\\r\n b\r\n', ['FROM | busybox', 'RUN | a  b']],
  ['leading white space', '  \t FROM busybox', ['FROM | busybox']],
  ['comments and empty lines', '# a comment\n\nFROM busybox\n  # another\nRUN x', ['FROM | busybox', 'RUN | x']],
  ['a continuation', 'RUN a \\\n  b \\\n  c', ['RUN | a   b   c']],
  ['blanks after the mark', 'RUN a \\ \t \n b', ['RUN | a  b']],
  ['two marks are none', 'RUN a \\\\\nRUN b', ['RUN | a \\\\', 'RUN | b']],
  ['nor are three', 'RUN a \\\\\\\nRUN b', ['RUN | a \\\\\\', 'RUN | b']],
  ['a mark alone in between', 'RUN a \\\n\\\n b', ['RUN | a  b']],
  ['a comment does not go on', 'RUN a \\\n# b \\\n c', ['RUN | a  c']],
  ['no comment behind a mark', 'RUN a \\ # b\nRUN c', ['RUN | a \\ # b', 'RUN | c']],
  ['a name over two lines', 'RU\\\nN a', ['RUN | a']],
  ['other white space', 'RUN\va\fb', ['RUN | a\fb']],
  ['directives behind white space', ' \t# escape = `\nRUN a `\n b', ['RUN | a  b']],
  ['directives end at one that is unknown', '# other=x\n# escape=`\nRUN a `\nRUN b', ['RUN | a `', 'RUN | b']],
  ['escapes in flags', 'COPY --chmod=6\\00 a b', ['COPY | --chmod=600 | a b']],
  ['comments in a continuation', 'RUN a \\\n# not me\n  # nor me\n b', ['RUN | a  b']],
  ['empty lines in a continuation', 'RUN a \\\n\n\n b', ['RUN | a  b']],
  ['a continuation up to the end', 'RUN a \\', ['RUN | a']],
  ['a mark alone', '\\\nFROM busybox', ['FROM | busybox']],
  ['no comment at the end of a line', 'RUN echo # hi', ['RUN | echo # hi']],
  ['flags', 'COPY --from=a --link b c', ['COPY | --from=a | --link | b c']],
  ['quoted flags', 'COPY --from="a b" c d', ['COPY | --from=a b | c d']],
  ['no flags after --', 'RUN -- --x', ['RUN | --x']],
  ['no flags after words', 'RUN ls --all', ['RUN | ls --all']],
  ['escape=`', '# escape=`\nFROM busybox\nRUN a `\n b \\', ['FROM | busybox', 'RUN | a  b \\']],
  ['directives end at a comment', '# hello\n# escape=`\nRUN a `\nRUN b', ['RUN | a `', 'RUN | b']],
  ['directives end at an empty line', '\n# escape=`\nRUN a `\nRUN b', ['RUN | a `', 'RUN | b']],
]

test('parseDockerfile() splits a file into its instructions', () => {
  for (const [what, text, expected] of files) assert.deepEqual(namesAndTexts(text), expected, what)
})

test('parseDockerfile() remembers the lines of the file', () => {
  const { lines } = parseDockerfile('# c\nFROM a\n\nRUN b \\\n  c\nCMD d')
  assert.deepEqual(
    lines.map(({ start, end, original }) => [start, end, original]),
    [
      [2, 2, 'FROM a'],
      [4, 5, 'RUN b   c'],
      [6, 6, 'CMD d'],
    ],
  )
})

test('parseDockerfile() reads directives at the top', () => {
  const { directives } = parseDockerfile('# syntax = docker/dockerfile:1\n#CHECK=skip=all\nFROM a')
  assert.deepEqual(directives, { syntax: 'docker/dockerfile:1', check: 'skip=all' })
})

const heredocs: readonly (readonly [
  what: string,
  text: string,
  expected: readonly (readonly [string, string, boolean])[],
])[] = [
  ['one', 'RUN <<EOF\necho a\n# no comment\nb \\\nEOF\nCMD x', [['EOF', 'echo a\n# no comment\nb \\\n', true]]],
  ['quoted', 'RUN <<"EOF"\n$a\nEOF', [['EOF', '$a\n', false]]],
  [
    'two',
    'COPY <<a <<b /\n1\na\n2\nb',
    [
      ['a', '1\n', true],
      ['b', '2\n', true],
    ],
  ],
  ['with tabs that mean nothing', 'RUN <<-EOF\n\t\ta\n\tb\n\tEOF', [['EOF', '\t\ta\n\tb\n', true]]],
  ['with tabs kept', 'RUN <<EOF\n\ta\n\tEOF\nEOF', [['EOF', '\ta\n\tEOF\n', true]]],
  ['of ONBUILD', 'ONBUILD RUN <<EOF\na\nEOF', [['EOF', 'a\n', true]]],
  ['behind blanks', 'RUN cat << \t "EOF" > x\n$a\nEOF', [['EOF', '$a\n', false]]],
  ['of a descriptor behind a blank', 'RUN cat 3<< EOF\na\nEOF', [['EOF', 'a\n', true]]],
  ['quoted in part', 'COPY <<E"O"F /x\n$a\nEOF', [['EOF', '$a\n', false]]],
  ['escaped, which is not quoted', 'COPY <<E\\OF /x\n$a\nEOF', [['EOF', '$a\n', true]]],
  ['with a blank in quotes', 'RUN cat <<"E F"\na\nE F', [['E F', 'a\n', false]]],
  ['called like a variable', 'COPY <<$X /x\na\n$X', [['$X', 'a\n', true]]],
  ['with line ends of Windows', 'RUN <<EOF\r\na\r\nEOF\r\n', [['EOF', 'a\r\n', true]]],
  ['not glued to a word', 'RUN cat<<EOF\nEOF x', []],
  ['not after a dash and a blank', 'RUN cat <<- EOF\nEOF x', []],
  ['not behind quotes that do not end', 'RUN cat "<<EOF', []],
  ['not for ENV', 'ENV a=<<EOF', []],
  ['not in JSON', 'RUN ["cat", "<<EOF"]', []],
  ['not in quotes', "RUN echo '<<EOF'", []],
]

test('parseDockerfile() reads heredocs', () => {
  for (const [what, text, expected] of heredocs) {
    const [line] = parseDockerfile(text).lines
    assert.deepEqual(
      line?.heredocs.map(({ name, content, expand }) => [name, content, expand]),
      expected,
      what,
    )
  }
})

const mistakes: readonly (readonly [text: string, message: string, from?: number, to?: number])[] = [
  ['', 'the Dockerfile cannot be empty'],
  ['# only a comment', 'file with no instructions', 1, 1],
  ['\n  \n', 'file with no instructions', 2, 2],
  ['FROM a\nRUN \\\n <<EOF\nb', 'unterminated heredoc', 2, 4],
  ['FROM a\nRUN echo $((1 << 2))', 'unterminated heredoc', 2, 2],
  ['# escape=`\n# escape=`\nFROM a', 'only one escape parser directive can be used', 2, 2],
  ['# syntax=a\n# SYNTAX=b\nFROM a', 'only one syntax parser directive can be used', 2, 2],
  ['# escape=x\nFROM a', "invalid escape token 'x' does not match ` or \\", 1, 1],
  [`${'x'.repeat(70_000)}`, 'file with no instructions'],
  [`FROM a\nRUN ${'x'.repeat(65_532)}`, 'dockerfile line greater than max allowed size of 65535', 2, 2],
  [`FROM a\nRUN ${'ö'.repeat(33_000)}`, 'dockerfile line greater than max allowed size of 65535', 2, 2],
  [`FROM a\nRUN <<A\n${'x'.repeat(65_536)}\nA`, 'unterminated heredoc', 2, 2],
  // What is wrong with the grammar of a line is told before anything else, wherever it stands.
  ['FROM a\nNONSENSE\nENV x', 'ENV must have two arguments', 3, 3],
  ['FROM a\nLABEL a=b \\\n  c', `Syntax error - can't find = in "c". Must be of the form: name=value`, 2, 3],
  ['ONBUILD ENV x', 'ENV must have two arguments', 1, 1],
  ['HEALTHCHECK CMD [1]', 'when using JSON array syntax, arrays must be comprised of strings only', 1, 1],
  ['ONBUILD VOLUME ["a", null]', 'when using JSON array syntax, arrays must be comprised of strings only', 1, 1],
]

test('parseDockerfile() says what is wrong, and where', () => {
  for (const [text, message, start, end] of mistakes) {
    const isAsExpected = (error: unknown): boolean => {
      assert.equal(error instanceof Error && error.message, message)
      assert.deepEqual(placesOf(error), start === undefined ? [] : [{ start, end }])
      return true
    }
    assert.throws(() => parseDockerfile(text), isAsExpected, text.slice(0, 40))
  }
})

test('parseDockerfile() takes lines of 65535 bytes, without their ends', () => {
  assert.equal(parseDockerfile(`RUN ${'x'.repeat(65_531)}\nRUN y`).lines.length, 2)
})

test('a byte order mark is one only where the file begins', () => {
  const names = parseDockerfile('\uFEFFFROM a\n\uFEFFRUN b\n\u00A0RUN c').lines.map(({ name }) => name)
  assert.deepEqual(names, ['FROM', '\uFEFFRUN', 'RUN'])
})
