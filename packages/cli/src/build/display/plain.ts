import type { ConsoleOutput } from '../../terminal/console.ts'
import { showAmount } from './bytes.ts'
import type { Display, DisplayOptions } from './display.ts'
import { type LogLine, showSeconds } from './log-lines.ts'
import { isCanceled, isCompleted, isStarted, type Part, type Step } from './trace.ts'

/** A step stays in front at least so long while others have news too, in milliseconds. */
const patience = 5000
/** A part is told again when it has come so much further, or so much later. */
const leastDelta = 0.05

/** What of a step has been printed. */
interface Printed {
  readonly number: number
  /** Lines to their end. */
  lines: number
  /** Bytes of the one after them. */
  open: number
  warnings: number
  readonly parts: Map<string, { readonly current: number; readonly timestamp: number }>
  /** Nothing more comes of it. */
  isOver: boolean
  /** Since when it has been in front, or has had news without being there. */
  since: number
}

/** Lines without any trick of a terminal: one step at a time, with its number before each line. */
export class PlainDisplay implements Display {
  readonly #options: DisplayOptions
  readonly #output: ConsoleOutput
  readonly #printed = new Map<Step, Printed>()
  #front: Step | undefined
  #text = ''

  constructor(options: DisplayOptions, output: ConsoleOutput) {
    this.#options = options
    this.#output = output
  }

  refresh(): void {
    const { trace } = this.#options
    const news = [...trace.news].filter(isStarted)
    const front = this.#front
    if (front !== undefined && trace.news.has(front)) this.#print(front)
    for (const step of news) if (step !== front && isCompleted(step)) this.#print(step)
    if (this.#front === undefined) this.#choose(news)
    else this.#exchange(news)
    this.#flush()
  }

  finish(): void {
    for (const step of this.#options.trace.news) if (isStarted(step)) this.#print(step)
    this.#flush()
  }

  /** The one with the most news comes to the front; when there are none, one that is at work. */
  #choose(news: readonly Step[]): void {
    const waiting = news.filter((step) => !isCompleted(step))
    const amount = (step: Step): number =>
      step.logs.lines.length + step.logs.dropped - (this.#printed.get(step)?.lines ?? 0)
    const [next] = waiting.toSorted((a, b) => amount(b) - amount(a))
    const open = next ?? this.#options.trace.begun.find((step) => !isCompleted(step))
    if (open !== undefined) this.#print(open)
  }

  /** What has waited for long is shown at last. */
  #exchange(news: readonly Step[]): void {
    const now = Date.now()
    for (const step of news) {
      if (step === this.#front || isCompleted(step)) continue
      const printed = this.#of(step)
      if (printed.since === 0) printed.since = now
      if (now - printed.since < patience) continue
      this.#print(step)
      return
    }
  }

  #of(step: Step): Printed {
    const known = this.#printed.get(step)
    if (known !== undefined) return known
    const printed = {
      number: this.#printed.size + 1,
      lines: 0,
      open: 0,
      warnings: 0,
      parts: new Map(),
      isOver: false,
      since: 0,
    }
    this.#printed.set(step, printed)
    return printed
  }

  #say(text: string): void {
    this.#text += text
  }

  #flush(): void {
    if (this.#text !== '') this.#output.write(this.#text)
    this.#text = ''
  }

  #print(step: Step): void {
    this.#options.trace.news.delete(step)
    const printed = this.#of(step)
    if (printed.isOver && step.changed.size === 0) return
    this.#bringToFront(step, printed)
    printed.since = 0
    const isOpen = this.#parts(step, printed)
    for (const warning of step.warnings.slice(printed.warnings)) this.#say(`#${printed.number} WARN: ${warning}\n`)
    printed.warnings = step.warnings.length
    this.#logs(step, printed)
    if (!isCompleted(step) || isOpen) return
    this.#front = undefined
    printed.isOver = true
    this.#end(step, printed)
  }

  #bringToFront(step: Step, { number }: Printed): void {
    const { builder, driver, isUntitled } = this.#options
    if (this.#front === step) return
    const before = this.#front && this.#printed.get(this.#front)
    if (before !== undefined) {
      this.#say(`${before.open > 0 ? '\n' : ''}#${before.number} ...\n`)
      before.open = 0
    }
    const isFirst = this.#printed.size === 1 && this.#front === undefined && number === 1
    const isBare = isFirst && isUntitled === true
    if (isFirst && !isBare) this.#say(`#0 building with ${JSON.stringify(builder)} instance using ${driver} driver\n`)
    this.#say(`${isBare ? '' : '\n'}#${number} ${step.name}\n`)
    this.#front = step
  }

  /** True: one of them is still under way. */
  #parts(step: Step, printed: Printed): boolean {
    let isOpen = false
    for (const id of step.changed) {
      const part = step.parts.get(id)
      if (part === undefined || !isWorthTelling(part, printed)) continue
      printed.parts.set(id, part)
      const end = part.completed ?? part.timestamp
      const seconds = part.started === undefined ? 0 : (end - part.started) / 1000
      const time = seconds > 0.01 ? ` ${seconds.toFixed(1)}s` : ''
      if (part.completed === undefined) isOpen = true
      this.#say(
        `#${printed.number} ${part.id}${showAmount(part)}${time}${part.completed === undefined ? '' : ' done'}\n`,
      )
    }
    step.changed.clear()
    return isOpen
  }

  #logs({ logs }: Step, printed: Printed): void {
    const fresh = logs.lines.slice(Math.max(0, printed.lines - logs.dropped))
    for (const [index, { at, text }] of fresh.entries()) {
      const goesOn = index === 0 && printed.open > 0
      this.#say(goesOn ? text.subarray(printed.open).toString() : `#${printed.number} ${showSeconds(at)} ${text}`)
      const isLast = index === fresh.length - 1
      if (!isLast || !logs.isOpen) this.#say('\n')
    }
    printed.lines = logs.dropped + logs.lines.length - (logs.isOpen ? 1 : 0)
    printed.open = logs.isOpen ? (logs.lines.at(-1)?.text.length ?? 0) : 0
  }

  #end(step: Step, printed: Printed): void {
    if (printed.open > 0) this.#say('\n')
    printed.open = 0
    const how = (): string => {
      if (isCanceled(step)) return 'CANCELED'
      if (step.error !== '') return `ERROR: ${step.error}`
      if (step.isCached) return 'CACHED'
      return `DONE ${secondsIn(step).toFixed(1)}s`
    }
    this.#say(`#${printed.number} ${how()}\n`)
  }
}

const secondsIn = ({ spans }: Step): number =>
  spans.reduce((sum, { start, end = start }) => sum + end - start, 0) / 1000

const isWorthTelling = (part: Part, { parts }: Printed): boolean => {
  const last = parts.get(part.id)
  if (last === undefined || part.completed !== undefined) return true
  const further = part.total > 0 ? (part.current - last.current) / part.total : 0
  return further >= leastDelta || part.timestamp - last.timestamp >= patience
}

/** So many of the last lines are shown again of a step that failed. */
const tail = 10

/** The end of the output of each step that failed. */
export const failureTail = (steps: Iterable<Step>, most = tail): string =>
  [...steps]
    .filter((step) => step.error !== '' && !isCanceled(step))
    .map(({ name, logs }) => {
      const lines = logs.lines.slice(-most).map(({ at, text }: LogLine) => `${showSeconds(at)} ${text}\n`)
      return `------\n > ${name}:\n${lines.join('')}------\n`
    })
    .join('')
