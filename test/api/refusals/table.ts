/** One request, and what docker says to it. See the head of refusals.txt for the form. */
export interface Refusal {
  readonly method: string
  readonly path: string
  readonly contentType: string | undefined
  readonly body: string | undefined
  /** Status and message; undefined while nobody has been asked. */
  readonly answer: string | undefined
  /** What ours says instead, and `# ` why. */
  readonly ours: string | undefined
  readonly why: string | undefined
}

export interface Chapter {
  readonly name: string
  readonly refusals: readonly Refusal[]
}

export interface Table {
  readonly head: string
  readonly chapters: readonly Chapter[]
}

const readRefusal = (block: string): Refusal => {
  const lines = block.split('\n')
  const [, method = '', path = ''] = /^(\S+) (.*)$/.exec(lines[0] ?? '') ?? []
  const behind = (mark: string): string | undefined => lines.find((line) => line.startsWith(mark))?.slice(mark.length)
  const answer = lines.findIndex((line) => /^\d{3}\b/.test(line))
  const more = lines.slice(answer).filter((line) => !/^[!#] /.test(line))
  return {
    method,
    path,
    contentType: behind(': '),
    body: behind('> '),
    answer: answer === -1 ? undefined : more.join('\n').trimEnd(),
    ours: behind('! '),
    why: behind('# '),
  }
}

export const readTable = (text: string): Table => {
  const [head = '', ...parts] = text.split(/^## /m)
  const chapters = parts.map((part) => {
    const [name = '', ...rest] = part.split('\n')
    const blocks = rest.join('\n').split(/^(?=(?:GET|HEAD|POST|PUT|DELETE|PATCH) \/)/m)
    return { name, refusals: blocks.filter((block) => block.trim() !== '').map(readRefusal) }
  })
  return { head, chapters }
}

const showRefusal = ({ method, path, contentType, body, answer, ours, why }: Refusal): string =>
  [
    `${method} ${path}`,
    contentType && `: ${contentType}`,
    body && `> ${body}`,
    answer,
    ours && `! ${ours}`,
    why && `# ${why}`,
  ]
    .filter((line) => line !== undefined && line !== '')
    .join('\n')

export const showTable = ({ head, chapters }: Table): string =>
  head +
  chapters
    .map(({ name, refusals }) => `## ${name}\n${refusals.map((each) => `${showRefusal(each)}\n`).join('')}`)
    .join('\n')
