import { Link } from '@tanstack/react-router'
import { useWords } from '../words/words.tsx'
import type { Column } from './crossings.ts'

interface PictureProps {
  readonly rails: readonly string[]
  readonly columns: readonly Column[]
}

const left = 150
const columnWidth = 150
const boxTop = 10
const boxHeight = 34
const railTop = 90
const railGap = 56

/** Containers hang from above; where one is on a network's line, its address stands beside the dot. */
export const Picture = ({ rails, columns }: PictureProps) => {
  const { networks: words } = useWords()
  const width = left + columns.length * columnWidth + 20
  const height = railTop + rails.length * railGap
  const yOf = (network: string): number => railTop + rails.indexOf(network) * railGap
  return (
    <figure className="picture" aria-label={words.picture}>
      <svg width={width} height={height}>
        <title>{words.picture}</title>
        {rails.map((name) => (
          <g key={name}>
            <text x={4} y={yOf(name) + 5}>
              {name}
            </text>
            <line className="rail" x1={left - 20} x2={width - 10} y1={yOf(name)} y2={yOf(name)} />
          </g>
        ))}
        {columns.map(({ id, name, crossings }, index) => {
          const x = left + index * columnWidth + columnWidth / 2
          const lowest = Math.max(...crossings.map(({ network }) => yOf(network)))
          return (
            <g key={id}>
              <line className="drop" x1={x} x2={x} y1={boxTop + boxHeight} y2={lowest} />
              <Link to="/containers/$id" params={{ id }}>
                <rect x={x - columnWidth / 2 + 6} y={boxTop} width={columnWidth - 12} height={boxHeight} rx={6} />
                <text x={x} y={boxTop + 22} textAnchor="middle">
                  {name.length > 18 ? `${name.slice(0, 17)}…` : name}
                </text>
              </Link>
              {crossings.map(({ network, address }) => (
                <g key={network}>
                  <circle cx={x} cy={yOf(network)} r={5} />
                  <text className="quiet" x={x + 9} y={yOf(network) - 7}>
                    {address}
                  </text>
                </g>
              ))}
            </g>
          )
        })}
      </svg>
    </figure>
  )
}
