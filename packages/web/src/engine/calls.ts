import { ask, type Call } from '../calls/ask.ts'

/** Asks the engine, by a path of Docker's API without its version. */
export const askEngine = (path: string, call?: Call): Promise<Response> => ask(`/engine${path}`, call)

/** The engine's answer as JSON; undefined where there is none. */
export const engineJson = async <T>(path: string, call?: Call): Promise<T> => {
  const text = await (await askEngine(path, call)).text()
  return (text === '' ? undefined : JSON.parse(text)) as T
}
