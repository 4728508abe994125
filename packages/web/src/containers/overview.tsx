import type { ContainerInspect } from '@slipway/client'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Since } from '../parts/since.tsx'
import { useWords } from '../words/words.tsx'

const List = ({ items }: { readonly items: readonly string[] }) => {
  const { containers: words } = useWords()
  if (items.length === 0) return <p className="quiet">{words.nothing}</p>
  return (
    <div className="field mono">
      {items.map((item) => (
        <div key={item}>{item}</div>
      ))}
    </div>
  )
}

const Sheet = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <section className="sheet">
    <h2>{title}</h2>
    {children}
  </section>
)

const portLines = ({ NetworkSettings }: ContainerInspect): readonly string[] =>
  Object.entries(NetworkSettings.Ports ?? {}).flatMap(([port, bindings]) =>
    bindings === null
      ? [port]
      : bindings.map(({ HostIp = '', HostPort = '' }) =>
          HostIp.includes(':') ? `[${HostIp}]:${HostPort} → ${port}` : `${HostIp}:${HostPort} → ${port}`,
        ),
  )

const State = ({ container }: { readonly container: ContainerInspect }) => {
  const { containers: words } = useWords()
  const { State: state, HostConfig, Config, Path, Args, Image } = container
  const policy = HostConfig.RestartPolicy
  return (
    <dl className="facts">
      <dt>{words.image}</dt>
      <dd>
        <Link to="/images/$id" params={{ id: Image }}>
          {Config.Image}
        </Link>
      </dd>
      <dt>{words.command}</dt>
      <dd>
        <code>{[Path, ...Args].join(' ')}</code>
      </dd>
      <dt>{words.created}</dt>
      <dd>
        <Since moment={container.Created} />
      </dd>
      <dt>{words.started}</dt>
      <dd>
        <Since moment={state.StartedAt} />
      </dd>
      {state.Running ? null : (
        <>
          <dt>{words.ended}</dt>
          <dd>
            <Since moment={state.FinishedAt} />
          </dd>
          <dt>{words.exitCode}</dt>
          <dd>
            {state.ExitCode} {state.Error}
          </dd>
        </>
      )}
      {state.Health === undefined ? null : (
        <>
          <dt>{words.health}</dt>
          <dd>
            {state.Health.Status}
            <code> {state.Health.Log?.at(-1)?.Output.trim()}</code>
          </dd>
        </>
      )}
      <dt>{words.restartPolicy}</dt>
      <dd>
        {policy?.Name || 'no'} · {words.restarts}: {container.RestartCount}
      </dd>
    </dl>
  )
}

export const Overview = ({ container }: { readonly container: ContainerInspect }) => {
  const words = useWords()
  const networks = Object.entries(container.NetworkSettings.Networks ?? {})
  return (
    <div className="sheets">
      <Sheet title={words.containers.state}>
        <State container={container} />
      </Sheet>
      <Sheet title={words.containers.ports}>
        <List items={portLines(container)} />
      </Sheet>
      <Sheet title={words.nav.networks}>
        <List
          items={networks.map(([name, { IPAddress, GlobalIPv6Address }]) =>
            [name, IPAddress, GlobalIPv6Address].filter(Boolean).join(' · '),
          )}
        />
      </Sheet>
      <Sheet title={words.containers.mounts}>
        <List
          items={container.Mounts.map(
            ({ Type, Name, Source, Destination, RW }) =>
              `${Type} ${Name ?? Source} → ${Destination}${RW ? '' : ` (${words.containers.readOnly})`}`,
          )}
        />
      </Sheet>
      <Sheet title={words.containers.environment}>
        <List items={container.Config.Env ?? []} />
      </Sheet>
      <Sheet title={words.containers.labels}>
        <List items={Object.entries(container.Config.Labels ?? {}).map(([name, value]) => `${name}=${value}`)} />
      </Sheet>
    </div>
  )
}
