import type { ContainerSummary } from '@slipway/client'

type State = ContainerSummary['State']

const looks: Readonly<Record<State, string>> = {
  running: 'good',
  created: '',
  paused: 'warn',
  restarting: 'warn',
  removing: 'warn',
  exited: '',
  dead: 'bad',
}

/** `status` is the engine's sentence: "Up 2 hours (healthy)". */
const lookOf = (state: State, status: string): string => {
  if (status.includes('(unhealthy)')) return 'bad'
  return state === 'exited' && !status.startsWith('Exited (0)') && status !== '' ? 'bad' : looks[state]
}

interface StateBadgeProps {
  readonly state: State
  readonly status: string
}

export const StateBadge = ({ state, status }: StateBadgeProps) => (
  <span className={`badge ${lookOf(state, status)}`}>{status || state}</span>
)
