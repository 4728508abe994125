import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDockerfile } from './build.ts'
import { NamedContexts } from './context/named.ts'
import { assignedTo } from './dockerfile/assignments.ts'
import type { Finding } from './dockerfile/check/rules.ts'
import { wholeConfig } from './dockerfile/config.ts'
import { testSetting } from './dockerfile/testing/apply.ts'
import { type PlannedStage, Planner } from './plan.ts'

interface Planned {
  readonly stage: PlannedStage
  readonly findings: readonly Finding[]
}

/** The last stage of a file that needs no image. */
const plan = async (lines: readonly string[]): Promise<Planned> => {
  const { stages } = readDockerfile(['FROM scratch', ...lines].join('\n'))
  const findings: Finding[] = []
  const planner = new Planner({
    stages,
    contexts: new NamedContexts(),
    globals: new Map(),
    platform: { os: 'linux', architecture: 'amd64' },
    setting: testSetting,
    numberOf: (line) => line,
    resolveImage: () => assert.fail('there is none'),
    onFrom: () => undefined,
    onFinding: (finding) => void findings.push(finding),
  })
  return { stage: await planner.plan(stages.at(-1) ?? assert.fail()), findings }
}

const many = (line: (at: number) => string, count = 2000): readonly string[] =>
  Array.from({ length: count }, (_, at) => line(at))

test('the steps of a long file share what was said before them', async () => {
  const { stage } = await plan(
    many((at) => `ENV N${at}=$N${at - 1}\nARG A${at}=1\nLABEL l${at}=1\nVOLUME /v${at}\nONBUILD RUN ${at}`, 1000),
  )
  const { Env, Labels, Volumes, OnBuild } = stage.end.config
  const logs = [stage.end.environment, stage.end.args, Env, Labels, Volumes, OnBuild].map((each) => each?.log)
  for (const { stage: after } of stage.steps.slice(10)) {
    const { config, environment, args } = after
    const parts = [environment, args, config.Env, config.Labels, config.Volumes, config.OnBuild]
    for (const [index, part] of parts.entries()) assert.equal(part?.log, logs[index])
  }
  assert.equal(assignedTo(stage.steps[0]?.stage.environment, 'N1'), undefined)
  assert.equal(wholeConfig(stage.end.config).Env?.length, 1001)
  assert.equal(wholeConfig(stage.end.config).OnBuild?.[999], 'RUN 999')
})

test('the history of a RUN, which names every ARG before it, is written when it is asked for', async () => {
  const { stage } = await plan([...many((at) => `ARG A${at}=1`), ...many((at) => `RUN ${at}`)])
  const runs = stage.steps.slice(2000)
  for (const step of runs) assert.equal(typeof Object.getOwnPropertyDescriptor(step, 'createdBy')?.get, 'function')
  assert.match(runs[1]?.createdBy ?? '', /^RUN \|2000 A0=1 .* A1999=1 \/bin\/sh -c 1 # buildkit$/)
})

test('values that grow from line to line come to an end', async () => {
  const double = many((at) => `ENV N${at + 1}=$N${at}$N${at}`, 16)
  const more = many((at) => `ENV M${at}=$N16`)
  await assert.rejects(plan(['ENV N0=xxxx', ...double, ...more]), {
    code: 'invalid',
    message: /the values in a Dockerfile may have 16777216 letters together/,
  })
})

test('whoever made hundreds of mistakes is told no more of them', async () => {
  const { findings } = await plan(many((at) => `ENV N${at}=$UNDEFINED`))
  assert.equal(findings.length, 200)
})
