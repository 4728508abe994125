import {
  type BuildRequest,
  type BuildWorker,
  describedAbove,
  describeRule,
  type Finding,
  type LineRange,
  outlineOf,
  placesOf,
  planDockerfile,
  readDockerfile,
  ruleAddress,
} from '@slipway/build'
import { messageOf, SlipwayError } from '@slipway/core'
import { inBuildKitsWords, type SourceText } from './failure.ts'

/** The answer to a question about a Dockerfile (`--call`): clients print it. */
export type Answer = ReadonlyMap<string, Uint8Array>

export interface Question {
  readonly source: SourceText
  /** What would be built. */
  readonly request: BuildRequest
  readonly worker: BuildWorker
}

/** A range for every line, as BuildKit has it. */
const location = ([first, last]: LineRange) => ({
  ranges: Array.from({ length: last - first + 1 }, (_, index) => ({
    start: { line: first + index },
    end: { line: first + index },
  })),
})

const warningOf = ({ rule, text, line, end = line }: Finding) => ({
  ruleName: rule,
  description: describeRule(rule),
  url: ruleAddress(rule),
  detail: text,
  location: location([line, end]),
})

/**
 * Everything but the building is tried: what would keep it from beginning is told too. Without a target all stages are looked at.
 */
const lint = async ({ source: { filename, text }, request, worker }: Question) => {
  const findings: Finding[] = []
  const onEvent: BuildRequest['onEvent'] = (event) => {
    if (event.kind === 'check') findings.push(event.finding)
  }
  const problem = await planDockerfile({ ...request, allStages: request.target === undefined, onEvent }, worker).then(
    async (planned) => {
      await planned[Symbol.asyncDispose]()
    },
    (error: unknown) => {
      request.signal.throwIfAborted()
      const [place] = placesOf(error)
      const where = place === undefined ? {} : location([place.start, place.end])
      return { message: messageOf(inBuildKitsWords(error)), location: where }
    },
  )
  return {
    // As Go has it.
    warnings: findings.length === 0 ? null : findings.map(warningOf),
    sources: [{ filename, language: 'Dockerfile', data: Buffer.from(text).toString('base64') }],
    ...(problem === undefined ? {} : { buildError: problem }),
  }
}

const targets = async ({ source: { text } }: Question) => {
  const { stages } = readDockerfile(text)
  const lines = text.split('\n')
  return {
    targets: stages.map(({ from: { stageName, base, platform, line }, index }) => {
      const description = stageName === undefined ? undefined : describedAbove(lines, line.start, stageName)
      return {
        ...(stageName === undefined ? {} : { name: stageName }),
        ...(index === stages.length - 1 ? { default: true } : {}),
        ...(description === undefined ? {} : { description }),
        base,
        ...(platform === undefined ? {} : { platform }),
        location: location([line.start, line.end]),
      }
    }),
    sources: [Buffer.from(text).toString('base64')],
  }
}

const outline = async ({ source: { text }, request, worker }: Question) => {
  await using planned = await planDockerfile(request, worker)
  const { args, secrets, agents, ...stage } = outlineOf(planned, { ...planned, text, buildArgs: request.buildArgs })
  const needs = (list: typeof secrets) =>
    list.map(({ name, required, lines }) => ({ name, ...(required ? { required } : {}), location: location(lines) }))
  return {
    ...stage,
    ...(args.length === 0 ? {} : { args: args.map(({ lines, ...rest }) => ({ ...rest, location: location(lines) })) }),
    ...(secrets.length === 0 ? {} : { secrets: needs(secrets) }),
    ...(agents.length === 0 ? {} : { ssh: needs(agents) }),
    sources: [Buffer.from(text).toString('base64')],
  }
}

/** What is asked for, and perhaps the code that a client ends with. */
interface Result {
  readonly value: unknown
  readonly status?: number
}

const statusOfLint = ({ warnings, ...rest }: Awaited<ReturnType<typeof lint>>): number =>
  warnings !== null || 'buildError' in rest ? 1 : 0

const questions: Readonly<Record<string, (question: Question) => Promise<Result>>> = {
  async 'frontend.lint'(question) {
    const value = await lint(question)
    return { value, status: statusOfLint(value) }
  },
  'frontend.outline': async (question) => ({ value: await outline(question) }),
  'frontend.targets': async (question) => ({ value: await targets(question) }),
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
export const answerSubrequest = async (name: string, question: Question): Promise<Answer> => {
  if (name === 'frontend.subrequests.describe') return encode({ value: describe() })
  const answer = Object.hasOwn(questions, name) ? questions[name] : undefined
  if (answer === undefined) throw new SlipwayError('unsupported', `unsupported request ${name}`)
  return encode(await answer(question))
}

const encode = ({ value, status }: Result): Answer => {
  // Clients print it as it is.
  const json = Buffer.from(JSON.stringify(value, undefined, 2))
  return new Map([
    ...(status === undefined ? [] : [['result.statuscode', Buffer.from(String(status))] as const]),
    ['result.json', json],
    ['result.txt', json],
    ['version', Buffer.from('1.0')],
  ])
}
