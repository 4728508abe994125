import type { Edge, Vertex } from './vertex.ts'

/** A vertex and all that it stands on, inputs first, each once. */
export const verticesOf = (...ends: readonly Vertex[]): readonly Vertex[] => {
  const begun = new Set<Vertex>()
  const found = new Set<Vertex>()
  // No recursion: an image may have thousands of steps.
  const todo = [...ends].reverse()
  for (let vertex = todo.at(-1); vertex !== undefined; vertex = todo.at(-1)) {
    if (begun.has(vertex)) found.add(vertex)
    if (found.has(vertex)) todo.pop()
    else {
      begun.add(vertex)
      todo.push(
        ...vertex.inputs
          .map((input) => input.vertex)
          .filter((input) => !begun.has(input))
          .reverse(),
      )
    }
  }
  return [...found]
}

/** Which paths of `source` the vertices look at; undefined: all of them. */
export const pathsRead = (vertices: readonly Vertex[], source: Edge): readonly string[] | undefined => {
  const paths = vertices.flatMap(({ op, inputs }) =>
    inputs.flatMap((input, number) => (input.vertex === source.vertex ? [op.reads?.(number)] : [])),
  )
  return paths.every((each) => each !== undefined) ? paths.flat() : undefined
}
