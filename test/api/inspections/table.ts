/** What `docker inspect` shows of a container: a line a field, sorted. */
export type Shown = readonly string[]

export interface Inspection {
  /** Arguments of the docker CLI. */
  readonly command: string
  readonly shown: Shown
}

const marks = /^[-+] /

/** The first is written whole, each other one as what it has more and less than that. */
export const showInspections = (inspections: readonly Inspection[]): string => {
  const first = inspections[0]?.shown ?? []
  const blocks = inspections.map(({ command, shown }, index) => {
    if (index === 0) return [`## ${command}`, ...shown.map((line) => `+ ${line}`)]
    const less = first.filter((line) => !shown.includes(line)).map((line) => `- ${line}`)
    const more = shown.filter((line) => !first.includes(line)).map((line) => `+ ${line}`)
    return [`## ${command}`, ...less, ...more]
  })
  return blocks.map((block) => `${block.join('\n')}\n`).join('\n')
}

export const readInspections = (text: string): readonly Inspection[] => {
  let first: Shown = []
  return text
    .split(/^## /m)
    .slice(1)
    .map((block, index) => {
      const [command = '', ...lines] = block.split('\n').filter((line) => line !== '')
      const told = lines.filter((line) => marks.test(line))
      const of = (mark: string): Shown => told.filter((line) => line.startsWith(mark)).map((line) => line.slice(2))
      const shown = [...first.filter((line) => !of('- ').includes(line)), ...of('+ ')].toSorted()
      if (index === 0) first = shown
      return { command, shown }
    })
}
