import type { ConsoleOutput } from '../../terminal/console.ts'
import { showAmount } from './bytes.ts'
import type { Display, DisplayOptions } from './display.ts'
import { cutTo, padTo, screenLines, widthOf } from './screen.ts'
import { isCanceled, isCompleted, type Part, type Step, secondsOf } from './trace.ts'

const csi = '\u001b['
const colours = { run: '34', canceled: '33', error: '31', faint: '2' } as const

/** So many of the last lines of a step's output are shown while it runs. */
const outputLines = 6
/** What is over sooner took no time. Seconds. */
const leastSeconds = 0.05

interface Row {
  readonly text: string
  readonly colour?: string | undefined
  readonly isDone: boolean
  /** The step whose output may follow. */
  readonly step?: Step
}

/** A picture of the build that is drawn anew in place: what is at work, for how long, and the end of its output. */
export class TerminalDisplay implements Display {
  readonly #options: DisplayOptions
  readonly #output: ConsoleOutput
  readonly #hasColours: boolean
  readonly #began = Date.now()
  #lines = 0

  constructor(options: DisplayOptions & { readonly colours: boolean }, output: ConsoleOutput) {
    this.#options = options
    this.#output = output
    this.#hasColours = options.colours
  }

  refresh(): void {
    this.#options.trace.news.clear()
    this.#draw(false)
  }

  finish(): void {
    this.#draw(true)
  }

  #draw(isOver: boolean): void {
    const width = Math.max(20, this.#output.columns ?? 80)
    const height = Math.max(5, this.#output.rows ?? 24)
    const rows = this.#rows(width)
    const room = height - 2
    const shown = isOver ? rows : fit(rows, room)
    const lines = [this.#title(width, isOver)]
    let free = room - shown.length
    for (const row of shown) {
      lines.push(this.#paint(row.text, row.colour))
      if (row.step === undefined || isOver) continue
      const output = screenLines(row.step.logs, outputLines, width - 10).slice(0, Math.max(0, free))
      free -= output.length
      for (const line of output) lines.push(this.#paint(cutTo(` => => # ${line}`, width), colours.faint))
    }
    this.#write(lines)
  }

  /** One write, which terminals that can show all at once: no frame is seen half drawn. */
  #write(lines: readonly string[]): void {
    const up = this.#lines === 0 ? '' : `${csi}${this.#lines}A`
    const body = lines.map((line) => `${line}${csi}K\n`).join('')
    this.#output.write(`${csi}?2026h${csi}?25l\r${up}${body}${csi}J${csi}?25h${csi}?2026l`)
    this.#lines = lines.length
  }

  #paint(text: string, colour: string | undefined): string {
    return colour === undefined || !this.#hasColours ? text : `${csi}${colour}m${text}${csi}0m`
  }

  #title(width: number, isOver: boolean): string {
    const { trace, driver, builder } = this.#options
    const all = [...trace.steps.values()]
    const done = all.filter(isCompleted).length
    const seconds = ((Date.now() - this.#began) / 1000).toFixed(1)
    const end = isOver && done > 0 && done === all.length ? ' FINISHED' : ''
    return align(`[+] Building ${seconds}s (${done}/${all.length})${end}`, `${driver}:${builder}`, width - 1)
  }

  #rows(width: number): readonly Row[] {
    const { trace } = this.#options
    const now = trace.now()
    return trace.begun.flatMap((step) => {
      const isDone = isCompleted(step)
      const row = { text: rowText(step, now, width), colour: isDone ? colourOf(step) : undefined, isDone }
      const parts = [...step.parts.values()].map((part) => partRow(part, now, width))
      return [isDone ? row : { ...row, step }, ...parts]
    })
  }
}

const colourOf = (step: Step): string => {
  if (isCanceled(step)) return colours.canceled
  return step.error === '' ? colours.run : colours.error
}

const prefixOf = (step: Step): string => {
  if (isCanceled(step)) return 'CANCELED '
  if (step.error !== '') return 'ERROR '
  return step.isCached ? 'CACHED ' : ''
}

const align = (left: string, right: string, width: number): string => {
  const room = width - widthOf(right) - 1
  return `${padTo(cutTo(left, room), room)} ${right}`
}

const timer = (seconds: number): string => `${(seconds < leastSeconds ? 0 : seconds).toFixed(1)}s`

const rowText = (step: Step, now: number, width: number): string =>
  align(` => ${prefixOf(step)}${step.name}`, timer(secondsOf(step, now)), width - 1)

const partRow = (part: Part, now: number, width: number): Row => {
  const { started, completed = now } = part
  const isDone = part.completed !== undefined
  const seconds = started === undefined ? 0 : Math.max(0, completed - started) / 1000
  const text = align(` => => ${part.name}${showAmount(part)}`, timer(seconds), width - 1)
  return { text, colour: isDone ? colours.run : undefined, isDone }
}

/** The newest rows, and what is still at work above them: as many as there is room for. */
const fit = (rows: readonly Row[], room: number): readonly Row[] => {
  if (rows.length <= room) return rows
  const kept = new Set(rows.filter(({ isDone }) => !isDone).slice(-room))
  for (const row of rows.toReversed()) {
    if (kept.size >= room) break
    kept.add(row)
  }
  return rows.filter((row) => kept.has(row))
}
