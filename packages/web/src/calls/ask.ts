/** What a server refused: the engine, the dashboard before it, or the registry. */
export class CallError extends Error {
  /** HTTP's; 0: nobody answered. */
  readonly status: number
  /** What a program is told besides. */
  readonly detail: unknown

  constructor(status: number, message: string, detail?: unknown) {
    super(message)
    this.name = 'CallError'
    this.status = status
    this.detail = detail
  }
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly json?: unknown
  readonly signal?: AbortSignal
}

/** `{"message": …}` of engines, `{"errors": [{"message": …}]}` of registries. */
interface Refusal {
  readonly message?: string
  readonly errors?: readonly { readonly message?: string; readonly detail?: unknown }[]
}

const refusalOf = async (response: Response): Promise<CallError> => {
  const text = await response.text()
  try {
    const { message, errors } = JSON.parse(text) as Refusal
    return new CallError(response.status, message ?? errors?.[0]?.message ?? text, errors?.[0]?.detail)
  } catch {
    return new CallError(response.status, text || response.statusText)
  }
}

const queryText = (query: Call['query'] = {}): string => {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === false ? [] : [[name, value === true ? '1' : String(value)]],
  )
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`
}

/** Asks the server that the page came from. Throws CallError with the message of who refused. */
export const ask = async (path: string, { method = 'GET', query, json, signal }: Call = {}): Promise<Response> => {
  const init: RequestInit = {
    method,
    ...(signal ? { signal } : {}),
    ...(json === undefined ? {} : { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } }),
  }
  const response = await fetch(`/api${path}${queryText(query)}`, init).catch((error: unknown) => {
    if (signal?.aborted) throw error
    throw new CallError(0, error instanceof Error ? error.message : String(error))
  })
  if (!response.ok) throw await refusalOf(response)
  return response
}

/** JSON values, one a line, as they come. */
export async function* readLines<T>(response: Response): AsyncIterable<T> {
  if (response.body === null) return
  let rest = ''
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as T
  }
  if (rest.trim() !== '') yield JSON.parse(rest) as T
}
