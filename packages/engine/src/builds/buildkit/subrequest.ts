import { checkDockerfile, describeRule, readDockerfile, ruleAddress } from '@slipway/build'
import { SlipwayError } from '@slipway/core'
import type { SourceText } from './failure.ts'

/** The answer to a question about a Dockerfile (`--call`): clients print it. */
export type Answer = ReadonlyMap<string, Uint8Array>

interface Question {
  readonly source: SourceText
  readonly ignore: readonly string[]
  readonly target: string | undefined
}

const location = (first: number, last = first) => ({
  ranges: [{ start: { line: first }, end: { line: last } }],
})

const sourcesOf = ({ filename, text }: SourceText) => [
  { filename, language: 'Dockerfile', data: Buffer.from(text).toString('base64') },
]

const lint = ({ source, ignore }: Question) => ({
  warnings: checkDockerfile(source.text, ignore).findings.map(({ rule, text, line }) => ({
    ruleName: rule,
    description: describeRule(rule),
    url: ruleAddress(rule),
    detail: text,
    location: location(line),
  })),
  sources: sourcesOf(source),
})

const targets = ({ source }: Question) => {
  const { stages } = readDockerfile(source.text)
  return {
    targets: stages.map(({ from, index }) => ({
      ...(from.stageName === undefined ? {} : { name: from.stageName }),
      ...(index === stages.length - 1 ? { default: true } : {}),
      base: from.base,
      ...(from.platform === undefined ? {} : { platform: from.platform }),
      location: location(from.line.start, from.line.end),
    })),
    sources: [Buffer.from(source.text).toString('base64')],
  }
}

const questions: Readonly<Record<string, (question: Question) => unknown>> = {
  'frontend.lint': lint,
  'frontend.targets': targets,
}

const describe = () =>
  Object.keys(questions).map((name) => ({
    name,
    version: '1.0.0',
    type: 'rpc',
    description: name,
    opts: [],
    metadata: [],
  }))

/** Throws unsupported, in BuildKit's words, for what isn't known here. */
export const answerSubrequest = (name: string, question: Question): Answer => {
  if (name === 'frontend.subrequests.describe') return encode(describe())
  const answer = Object.hasOwn(questions, name) ? questions[name] : undefined
  if (answer === undefined) throw new SlipwayError('unsupported', `unsupported request ${name}`)
  return encode(answer(question))
}

const encode = (value: unknown): Answer => {
  const json = Buffer.from(JSON.stringify(value))
  return new Map([
    ['result.json', json],
    ['result.txt', json],
    ['version', Buffer.from('1.0')],
  ])
}
