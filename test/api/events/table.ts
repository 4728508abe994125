/** One thing that happens, and what the events say of it. See the head of lives.txt for the form. */
export interface Life {
  readonly name: string
  readonly steps: readonly Step[]
  /** What docker told, a line an event. */
  readonly docker: readonly string[]
  /** What ours tells: the same, but for lines that are marked. */
  readonly ours: readonly string[]
  /** The lines as they stand, marked and explained. */
  readonly told: readonly string[]
}

export interface Step {
  readonly verb: string
  readonly rest: string
  readonly body: string | undefined
}

export interface Table {
  readonly head: string
  readonly lives: readonly Life[]
}

const marks = ['= ', '- ', '+ ', '# ']

const readLife = (block: string): Life => {
  const [name = '', ...lines] = block.split('\n').filter((line) => line !== '')
  const told = lines.filter((line) => marks.some((mark) => line.startsWith(mark)))
  const marked = (...wanted: readonly string[]): readonly string[] =>
    told.filter((line) => wanted.includes(line.slice(0, 2))).map((line) => line.slice(2))
  const steps: Step[] = []
  for (const line of lines.filter((one) => !told.includes(one))) {
    const last = steps.at(-1)
    if (line.startsWith('> ') && last !== undefined) steps.splice(-1, 1, { ...last, body: line.slice(2) })
    else steps.push({ verb: line.split(' ')[0] ?? '', rest: line.slice(line.indexOf(' ') + 1), body: undefined })
  }
  return { name, steps, told, docker: marked('= ', '- '), ours: marked('= ', '+ ') }
}

export const readTable = (text: string): Table => {
  const [head = '', ...blocks] = text.split(/^## /m)
  return { head, lives: blocks.map(readLife) }
}

const showStep = ({ verb, rest, body }: Step): string =>
  `${verb === rest ? verb : `${verb} ${rest}`}${body === undefined ? '' : `\n> ${body}`}\n`

export const showTable = ({ head, lives }: Table): string =>
  head +
  lives
    .map(
      ({ name, steps, told }) =>
        `## ${name}\n${steps.map(showStep).join('')}${told.map((line) => `${line}\n`).join('')}`,
    )
    .join('\n')
