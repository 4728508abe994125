/** How a step is shown while it goes on, and when it is over. */
export interface Display {
  /** Begins a step: `$ slipway build …`. */
  begin(title: string): void
  /** The newest line of what it does. */
  progress(line: string): void
  end(result: string): void
}

const width = (): number => (process.stdout.columns ?? 80) - 6

const plain = (line: string): string => line.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '').replace(/[\x00-\x1f\x7f]/g, ' ')

/**
 * On a terminal the newest line is written over the last one; elsewhere (CI, a file) only beginnings and ends are
 * printed.
 */
export const stepDisplay = (write: (text: string) => void, interactive: boolean): Display => {
  let begun = 0
  return {
    begin: (title) => {
      begun = performance.now()
      write(`\n$ ${title}\n`)
    },
    progress: (line) => {
      if (interactive) write(`\r\x1b[K    ${plain(line).slice(0, width())}`)
    },
    end: (result) => {
      if (interactive) write('\r\x1b[K')
      for (const line of result.split('\n').filter((text) => text !== '')) write(`    ${line}\n`)
      write(`    (${((performance.now() - begun) / 1000).toFixed(1)} s)\n`)
    },
  }
}
