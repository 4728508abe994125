import { SlipwayError } from '@slipway/core'

/** Longer than any message an engine sends; a stream without line ends doesn't fill the memory. */
const maximumLine = 16 * 1024 * 1024

const parse = <T>(line: string): T => {
  try {
    return JSON.parse(line) as T
  } catch (cause) {
    throw new SlipwayError('internal', 'the engine sent a line that is not JSON', { cause })
  }
}

/** JSON values, one a line, ended by `\n` or `\r\n`: progress, events, stats. */
export async function* readJsonStream<T>(source: AsyncIterable<Uint8Array>): AsyncIterable<T> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of source) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > maximumLine) throw new SlipwayError('too-large', 'the engine sent a line without end')
    for (const line of lines) if (line.trim() !== '') yield parse<T>(line)
  }
  rest += decoder.decode()
  if (rest.trim() !== '') yield parse<T>(rest)
}
