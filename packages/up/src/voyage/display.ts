/** How a step is shown while it goes on, and when it is over. */
export interface Display {
  /**
   * Shows the title, what `body` tells while it works, and at last its result and how long it took. Returns the result; throws
   * what `body` throws.
   */
  step<T>(
    title: string,
    body: (progress: (line: string) => void) => Promise<T>,
    show: (result: T) => string,
  ): Promise<T>
}

const redrawMs = 100
const indent = '    '

/** Of what a program printed, what may stand in one line of so many columns. */
export const fit = (line: string, columns: number): string => {
  const plain = line.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '').replace(/[\x00-\x1f\x7f]+/g, ' ')
  return plain.length <= columns ? plain : `${plain.slice(0, Math.max(0, columns - 1))}…`
}

/** For reading: "0.8 s", "12 s", "1 min 14 s". */
export const duration = (milliseconds: number): string => {
  const tenths = Math.round(milliseconds / 100)
  if (tenths < 100) return `${(tenths / 10).toFixed(1)} s`
  const seconds = Math.round(milliseconds / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

export interface Screen {
  readonly write: (text: string) => void
  /** Its width; undefined when it is no terminal but a file, a pipe, CI. */
  readonly columns: () => number | undefined
}

/**
 * On a terminal the newest line is written over the last one, and long lines are cut; elsewhere only titles and results are
 * printed, whole.
 */
export const stepDisplay = ({ write, columns }: Screen): Display => ({
  step: async (title, body, show) => {
    const begun = performance.now()
    let newest = ''
    const elapsed = (): string => duration(performance.now() - begun)
    const draw = (width: number): void => {
      const time = elapsed().replace(/\.\d/, '')
      write(`\r\x1b[K${indent}${time}  ${fit(newest, width - indent.length - time.length - 3)}`)
    }
    const timer = columns() === undefined ? undefined : setInterval(() => draw(columns() ?? 80), redrawMs)
    const finish = (lines: readonly string[]): void => {
      clearInterval(timer)
      const width = columns()
      if (timer !== undefined) write('\r\x1b[K')
      for (const line of lines) write(`${indent}${width === undefined ? line : fit(line, width - indent.length - 1)}\n`)
    }
    write(`\n$ ${title}\n`)
    try {
      const result = await body((line) => {
        newest = line
      })
      finish([
        ...show(result)
          .split('\n')
          .filter((text) => text !== ''),
        `(${elapsed()})`,
      ])
      return result
    } catch (error) {
      finish([`stopped after ${elapsed()}`])
      throw error
    }
  },
})
