import type { ContainerInspect } from '@slipway/client'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { withoutAnsi } from '../format/ansi.ts'
import { saveFile } from '../format/save-file.ts'
import { plainName } from '../format/short-id.ts'
import { Problem } from '../parts/problem.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { useWords } from '../words/words.tsx'
import { followLog, mostLines } from './follow-log.ts'
import type { LogLine } from './log-lines.ts'

const lineHeight = 20

interface Log {
  readonly lines: readonly LogLine[]
  readonly isCut: boolean
  readonly hasEnded: boolean
  readonly error: unknown
}

const useLog = (id: string): Log => {
  const [log, setLog] = useState<Log>({ lines: [], isCut: false, hasEnded: false, error: undefined })
  useEffect(() => {
    const gone = new AbortController()
    const onLines = (lines: readonly LogLine[]): void =>
      setLog((before) => {
        const all = [...before.lines, ...lines]
        return { ...before, lines: all.slice(-mostLines), isCut: before.isCut || all.length > mostLines }
      })
    followLog({ id, signal: gone.signal, onLines }).then(
      () => gone.signal.aborted || setLog((before) => ({ ...before, hasEnded: true })),
      (error: unknown) => gone.signal.aborted || setLog((before) => ({ ...before, error })),
    )
    return () => gone.abort()
  }, [id])
  return log
}

const Marked = ({ text, wanted }: { readonly text: string; readonly wanted: string }) => {
  if (wanted === '') return <>{text}</>
  const parts: ReactNode[] = []
  const lower = text.toLowerCase()
  let from = 0
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + wanted.length)}</mark>)
    from = at + wanted.length
  }
  return <>{[...parts, text.slice(from)]}</>
}

const save = (name: string, lines: readonly LogLine[]): void =>
  saveFile(`${name}.log`, lines.map(({ text }) => `${text}\n`).join(''), 'text/plain')

interface LinesProps {
  readonly lines: readonly LogLine[]
  readonly wanted: string
  readonly follows: boolean
  readonly times: boolean
  readonly wraps: boolean
}

/** Only the lines that are seen are in the page. */
const Lines = ({ lines, wanted, follows, times, wraps }: LinesProps) => {
  const { containers } = useWords()
  const scroll = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => lineHeight,
    overscan: 20,
  })
  useEffect(() => {
    if (follows && lines.length > 0) virtual.scrollToIndex(lines.length - 1)
  }, [follows, lines.length, virtual])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section ref={scroll} className={wraps ? 'log wrap' : 'log'} tabIndex={0} aria-label={containers.logs}>
      <div className="lines" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start, key }) => {
          const line = lines[index]
          if (line === undefined) return null
          return (
            <div
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              className={`line ${line.stream}`}
              style={{ transform: `translateY(${start}px)` }}
            >
              {times ? <time>{line.time.slice(0, 23)}</time> : null}
              <Marked text={withoutAnsi(line.text) || ' '} wanted={wanted} />
            </div>
          )
        })}
      </div>
    </section>
  )
}

const Check = (props: { readonly label: string; readonly isOn: boolean; readonly turn: (on: boolean) => void }) => (
  <label className="check">
    <input type="checkbox" checked={props.isOn} onChange={(event) => props.turn(event.target.checked)} />
    {props.label}
  </label>
)

export const LogView = ({ container }: { readonly container: ContainerInspect }) => {
  const { logs: words } = useWords()
  const { lines, isCut, hasEnded, error } = useLog(container.Id)
  const [text, setText] = useState('')
  const [follows, setFollows] = useState(true)
  const [times, setTimes] = useState(false)
  const [wraps, setWraps] = useState(true)
  const wanted = text.toLowerCase()
  const shown = useMemo(
    () => (wanted === '' ? lines : lines.filter((line) => line.text.toLowerCase().includes(wanted))),
    [lines, wanted],
  )
  return (
    <div className="graphs">
      <div className="row">
        <SearchField label={words.search} value={text} onChange={setText} />
        <Check label={words.follow} isOn={follows} turn={setFollows} />
        <Check label={words.times} isOn={times} turn={setTimes} />
        <Check label={words.wrap} isOn={wraps} turn={setWraps} />
        <span className="space" />
        <button type="button" className="button small" onClick={() => save(plainName(container.Name), lines)}>
          {words.download}
        </button>
      </div>
      <Problem error={error} />
      {isCut ? <p className="quiet">{words.cut(mostLines)}</p> : null}
      {shown.length === 0 ? (
        <p className="quiet">{lines.length === 0 ? words.empty : words.noMatch}</p>
      ) : (
        <Lines lines={shown} wanted={wanted} follows={follows} times={times} wraps={wraps} />
      )}
      {hasEnded ? <p className="quiet">{words.ended}</p> : null}
    </div>
  )
}
