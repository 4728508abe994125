import { Exit } from '../../exit.ts'

export const unitName = 'slipway.service'
export const contextName = 'slipway'
export const unitDirectory = '/etc/systemd/system'

/** A word of ExecStart, quoted so that systemd reads it as it is (systemd.service(5), "Command lines"). */
export const unitWord = (text: string): string => {
  if (/[\n\r\0]/.test(text)) throw new Exit(1, `a unit can't hold ${JSON.stringify(text)}`)
  const escaped = text.replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /^[\w@%+=:,./-]+$/.test(escaped) ? escaped : `"${escaped.replace(/["\\]/g, '\\$&')}"`
}

export interface UnitOptions {
  /** The absolute path of `bin/slipway`. */
  readonly program: string
  /** `unix:///run/slipway/slipway.sock` */
  readonly host: string
  /** Whose members may use the socket; undefined: root alone. */
  readonly group: string | undefined
  /** Further flags of `slipway engine`. */
  readonly flags: readonly string[]
}

/**
 * The systemd unit of the engine. KillMode=process: a stop or an upgrade ends the daemon alone, and containers go on.
 * Delegate=yes: their cgroups are ours. After `slipway system shutdown` the engine stays down, hence on-failure.
 */
export const unitText = ({ program, host, group, flags }: UnitOptions): string => {
  const words = [program, 'engine', '--host', host, ...(group === undefined ? [] : ['--group', group]), ...flags]
  return `[Unit]
Description=Slipway container engine
After=network-online.target nss-lookup.target firewalld.service time-set.target
Wants=network-online.target
StartLimitBurst=3
StartLimitIntervalSec=60

[Service]
Type=notify
NotifyAccess=all
ExecStart=${words.map(unitWord).join(' ')}
Environment=XDG_CACHE_HOME=/var/cache
Restart=on-failure
RestartSec=2
TimeoutStartSec=0
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
Delegate=yes
KillMode=process
OOMScoreAdjust=-500

[Install]
WantedBy=multi-user.target
`
}
