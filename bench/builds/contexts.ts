import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TarInput } from '@slipway/store'
import { largeFiles, smallFiles } from '../images/contents.ts'

/** 30,000 files of 4.3 KB each. */
export const manyFiles = (): Iterable<TarInput> => smallFiles('context', 30_000)

/** 500 MB in 255 files. */
export function* bigFiles(): Generator<TarInput, void, void> {
  for (let number = 0; number < 5; number += 1) yield* largeFiles(`context${number}`)
}

/** Writes files into a directory of this machine. */
export const writeFiles = async (directory: string, files: Iterable<TarInput>): Promise<void> => {
  const made = new Set<string>()
  for (const { header, body } of files) {
    const path = join(directory, header.name.toString())
    const above = dirname(path)
    if (!made.has(above)) await mkdir(above, { recursive: true })
    made.add(above)
    await writeFile(path, body as Uint8Array)
  }
}

const few = `FROM busybox
ENV A=1
WORKDIR /app
COPY a.txt /app/
RUN echo 1 > /app/r1
RUN mkdir -p /app/d && echo 2 > /app/d/r2
ENV B=2
COPY b.txt /app/
RUN cat /app/*.txt > /app/all
RUN wc -c /app/all > /app/wc
COPY last.txt /app/
`

/** Ten steps: four RUN, three COPY. */
export const writeTenSteps = async (directory: string): Promise<void> => {
  await mkdir(directory, { recursive: true })
  for (const [name, text] of Object.entries({ Dockerfile: few, 'a.txt': 'hello\n', 'b.txt': 'hello b\n' })) {
    await writeFile(join(directory, name), text)
  }
}

/** So many RUN steps that do nothing. */
export const writeRuns = async (directory: string, count: number): Promise<void> => {
  await mkdir(directory, { recursive: true })
  const steps = Array.from({ length: count }, (_, number) => `RUN echo ${number}\n`)
  await writeFile(join(directory, 'Dockerfile'), `FROM busybox\n${steps.join('')}`)
}
