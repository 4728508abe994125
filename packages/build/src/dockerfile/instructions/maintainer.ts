import { instruction, oneArgument } from '../instruction.ts'

export const maintainer = instruction({
  name: 'MAINTAINER',
  parse: (line) => ({ author: oneArgument(line) }),
  apply: ({ author }, stage) => ({ stage: { ...stage, author }, createdBy: `MAINTAINER ${author}` }),
})
