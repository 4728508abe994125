import 'uplot/dist/uPlot.min.css'
import { useEffect, useRef } from 'react'
import uPlot, { type AlignedData, type Options } from 'uplot'
import { type UsagePoint, useUsage } from '../engine/usage.ts'
import { useWords } from '../words/words.tsx'

interface Line {
  readonly label: string
  readonly stroke: string
}

interface GraphProps {
  readonly title: string
  readonly lines: readonly Line[]
  readonly data: AlignedData
}

const height = 200
const axis = (): Partial<uPlot.Axis> => ({
  stroke: '#7d8b96',
  grid: { stroke: '#7d8b9633' },
  ticks: { stroke: '#7d8b9633' },
})

const Graph = ({ title, lines, data }: GraphProps) => {
  const place = useRef<HTMLElement>(null)
  const plot = useRef<uPlot>(undefined)
  const latest = useRef(data)
  latest.current = data
  // The lines are the page's own constants: a plot is made once.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    const { current } = place
    if (current === null) return
    const options: Options = {
      width: current.clientWidth,
      height,
      series: [{}, ...lines.map(({ label, stroke }) => ({ label, stroke, width: 1.5, fill: `${stroke}22` }))],
      axes: [axis(), axis()],
      scales: { y: { range: (_plot, _low, high) => [0, Math.max(high * 1.1, 1)] } },
    }
    const made = new uPlot(options, latest.current, current)
    plot.current = made
    const watcher = new ResizeObserver(() => made.setSize({ width: current.clientWidth, height }))
    watcher.observe(current)
    return () => {
      watcher.disconnect()
      made.destroy()
    }
  }, [])
  useEffect(() => plot.current?.setData(data), [data])
  return (
    <section className="sheet graph" aria-label={title}>
      <h2>{title}</h2>
      <figure ref={place} style={{ margin: 0 }} />
    </section>
  )
}

/** KiB a second between two samples. */
const rates = (points: readonly UsagePoint[], of: 'received' | 'sent'): number[] =>
  points.map((point, index) => {
    const before = points[index - 1]
    if (before === undefined) return 0
    return Math.max(0, point[of] - before[of]) / 1024 / ((point.time - before.time) / 1000)
  })

const sea = '#0b8fb9'
const rust = '#c9622b'

export const UsageView = ({ id }: { readonly id: string }) => {
  const { usage: words } = useWords()
  const points = useUsage().get(id) ?? []
  if (points.length < 2) return <p className="quiet">{words.wait}</p>
  const times = points.map(({ time }) => time / 1000)
  return (
    <div className="graphs">
      <Graph
        title={words.cpu}
        lines={[{ label: '%', stroke: sea }]}
        data={[times, points.map(({ cpu }) => cpu * 100)]}
      />
      <Graph
        title={words.memory}
        lines={[{ label: 'MiB', stroke: sea }]}
        data={[times, points.map(({ memory }) => memory / 1024 / 1024)]}
      />
      <Graph
        title={words.network}
        lines={[
          { label: words.received, stroke: sea },
          { label: words.sent, stroke: rust },
        ]}
        data={[times, rates(points, 'received'), rates(points, 'sent')]}
      />
      <p className="quiet">
        {words.processes}: {points.at(-1)?.processes}
      </p>
    </div>
  )
}
