import type { Edge, Vertex } from './vertex.ts'

/** A vertex and all that it stands on, inputs first, each once. */
export const verticesOf = (...ends: readonly Vertex[]): readonly Vertex[] => {
  const found = new Set<Vertex>()
  const visit = (vertex: Vertex): void => {
    if (found.has(vertex)) return
    for (const input of vertex.inputs) visit(input.vertex)
    found.add(vertex)
  }
  for (const end of ends) visit(end)
  return [...found]
}

/** Which paths of `source` the vertices look at; undefined: all of them. */
export const pathsRead = (vertices: readonly Vertex[], source: Edge): readonly string[] | undefined => {
  const paths = vertices.flatMap(({ op, inputs }) =>
    inputs.flatMap((input, number) => (input.vertex === source.vertex ? [op.reads?.(number)] : [])),
  )
  return paths.every((each) => each !== undefined) ? paths.flat() : undefined
}
