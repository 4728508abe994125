import type { Command, Instruction } from '../instruction.ts'
import type { Line } from '../parser.ts'
import { parseProblem } from '../problem.ts'
import { didYouMeanInAnyCase } from '../suggest.ts'
import { add } from './add.ts'
import { arg } from './arg.ts'
import { cmd } from './cmd.ts'
import { copy } from './copy.ts'
import { entrypoint } from './entrypoint.ts'
import { env } from './env.ts'
import { expose } from './expose.ts'
import { healthcheck } from './healthcheck.ts'
import { label } from './label.ts'
import { maintainer } from './maintainer.ts'
import { onbuild } from './onbuild.ts'
import { run } from './run.ts'
import { shell } from './shell.ts'
import { stopsignal } from './stopsignal.ts'
import { user } from './user.ts'
import { volume } from './volume.ts'
import { workdir } from './workdir.ts'

/** Everything that can stand in a stage. FROM begins one, and is read by stages.ts. */
export const instructions: readonly Instruction[] = [
  add,
  arg,
  cmd,
  copy,
  entrypoint,
  env,
  expose,
  healthcheck,
  label,
  maintainer,
  onbuild,
  run,
  shell,
  stopsignal,
  user,
  volume,
  workdir,
]

const byName = new Map(instructions.map((instruction) => [instruction.name, instruction]))
const names = [...byName.keys(), 'FROM']

/** Throws invalid: `unknown instruction: RUNN (did you mean RUN?)`. */
export const readCommand = (line: Line): Command => {
  const instruction = byName.get(line.name)
  if (instruction === undefined) {
    throw parseProblem(line, `unknown instruction: ${line.typed}${didYouMeanInAnyCase(line.typed, names)}`)
  }
  return instruction.read(line)
}
