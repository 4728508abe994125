import type { Client, ClientName } from '../harness/client.ts'

/** What a command line came to, without what two runs can't have in common. */
export interface Seen {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Ids, times, sizes of what runs on, and addresses differ from run to run; a column is as wide as what is in it. */
const changing: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\b[0-9a-f]{64}\b/g, 'ID'],
  [/(About an?|Less than a|\d+) (second|minute|hour)s?( ago)?/g, 'WHILE'],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?/g, 'TIME'],
  [/\/tmp\/\S+\/docker-config\b/g, 'CONFIG'],
  // What docker says of its builder is not about this one.
  [/^DEPRECATED: The legacy builder(.*\n){3}\n/m, ''],
  [/ {2,}/g, '  '],
]

const settle = (text: string): string =>
  changing.reduce((settled, [pattern, instead]) => settled.replace(pattern, instead), text)

/** docker's own name in what the client says itself; the engine says the same to both. */
const asSlipway = (text: string): string =>
  text
    .replaceAll(/\bdocker(?=:| --help| run| [a-z]+ --help| [a-z]+ [a-z]+ --help)/g, 'slipway')
    .replaceAll(/^(Usage: +)docker\b/gm, '$1slipway')
    .replaceAll(/(?<=')docker(?= [a-z ]*COMMAND --help')/g, 'slipway')
    .replaceAll(/^(\s+)docker (?=[a-z])|(?<=, )docker (?=[a-z])/gm, '$1slipway ')
    .replaceAll(/'docker (?=[a-z ]*')/g, "'slipway ")
    .replaceAll(/command: docker /g, 'command: slipway ')

/** A line of words, each with `␣` for its own spaces; `;` between command lines. */
const commandLines = (line: string): readonly (readonly string[])[] =>
  line.split('; ').map((one) =>
    one
      .split(' ')
      .filter(Boolean)
      .map((word) => word.replaceAll('␣', ' ').replaceAll('\\t', '\t')),
  )

/** Runs a line's commands one after the other. */
export const see = async (client: Client, line: string): Promise<readonly Seen[]> => {
  const seen: Seen[] = []
  const own: Readonly<Record<ClientName, (text: string) => string>> = { docker: asSlipway, slipway: (text) => text }
  for (const words of commandLines(line)) {
    const { code, stdout, stderr } = await client.run(words)
    seen.push({ code, stdout: settle(own[client.name](stdout)), stderr: settle(own[client.name](stderr)) })
  }
  return seen
}
