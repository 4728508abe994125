import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDockerfile } from './parser.ts'

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

const mistakes: readonly (readonly [text: string, message: string])[] = [
  ['', 'file with no instructions'],
  ['# only a comment', 'file with no instructions'],
  ['FROM a\nRUN <<EOF\nb', 'unterminated heredoc'],
  ['# escape=`\n# escape=`\nFROM a', 'only one escape parser directive can be used'],
  ['# escape=x\nFROM a', "invalid escape token 'x' does not match ` or \\"],
  [`RUN ${'x'.repeat(70_000)}`, 'dockerfile line greater than max allowed size of 65535'],
]

test('parseDockerfile() says what is wrong, and where', () => {
  for (const [text, message] of mistakes) assert.throws(() => parseDockerfile(text), { message }, text.slice(0, 40))
})
