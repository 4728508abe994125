/**
 * Every setting of the engine, once: flag, config-file key, environment and default. The words are dockerd's where it has the
 * setting. Flag beats environment beats file beats default.
 */
export interface Setting {
  readonly flag: string
  readonly short?: string
  /** The key in the config file (JSON, as dockerd's daemon.json). */
  readonly key: string
  readonly environment?: string
  readonly kind: 'text' | 'list' | 'switch' | 'number'
  readonly help: string
}

export const settings = {
  hosts: {
    flag: 'host',
    short: 'H',
    key: 'hosts',
    environment: 'SLIPWAY_ENGINE_HOST',
    kind: 'list',
    help: 'where to listen: unix:///path or tcp://address:port (may be given again)',
  },
  tls: { flag: 'tls', key: 'tls', kind: 'switch', help: 'use TLS on TCP; implied by --tlsverify' },
  tlsVerify: {
    flag: 'tlsverify',
    key: 'tlsverify',
    kind: 'switch',
    help: 'use TLS on TCP, and let in only clients with a certificate that --tlscacert signed',
  },
  tlsCaCert: { flag: 'tlscacert', key: 'tlscacert', kind: 'text', help: 'certificate of who signs the clients’ (PEM)' },
  tlsCert: { flag: 'tlscert', key: 'tlscert', kind: 'text', help: "the engine's certificate (PEM)" },
  tlsKey: { flag: 'tlskey', key: 'tlskey', kind: 'text', help: 'the key of the certificate (PEM)' },
  allowPlainTcp: {
    flag: 'allow-plain-tcp',
    key: 'allow-plain-tcp',
    kind: 'switch',
    help: 'listen on TCP without TLS as well: whoever reaches it is root on this machine',
  },
  dataRoot: { flag: 'data-root', key: 'data-root', kind: 'text', help: 'where images and containers are kept' },
  execRoot: { flag: 'exec-root', key: 'exec-root', kind: 'text', help: 'where the state of what runs is kept' },
  pidfile: { flag: 'pidfile', short: 'p', key: 'pidfile', kind: 'text', help: "file for the engine's process id" },
  configFile: { flag: 'config-file', key: '', kind: 'text', help: 'JSON file with these settings' },
  group: { flag: 'group', short: 'G', key: 'group', kind: 'text', help: 'group that may use the unix socket' },
  registryMirrors: {
    flag: 'registry-mirror',
    key: 'registry-mirrors',
    kind: 'list',
    help: 'mirror of Docker Hub, tried first (may be given again)',
  },
  insecureRegistries: {
    flag: 'insecure-registry',
    key: 'insecure-registries',
    kind: 'list',
    help: 'registry (host or CIDR) that may be spoken to without verified TLS (may be given again)',
  },
  registryCertificates: {
    flag: 'registry-certs',
    key: 'registry-certs',
    kind: 'list',
    help: 'directory of certificates by registry: HOST[:PORT]/ca.crt, client.cert, client.key (may be given again; default: /etc/slipway/certs.d, /etc/docker/certs.d)',
  },
  bip: { flag: 'bip', key: 'bip', kind: 'text', help: 'address and prefix of the bridge, such as 172.17.0.1/16' },
  fixedCidr: {
    flag: 'fixed-cidr',
    key: 'fixed-cidr',
    kind: 'text',
    help: "part of the bridge's subnet that containers get addresses of",
  },
  ipv6: { flag: 'ipv6', key: 'ipv6', kind: 'switch', help: 'IPv6 on the default bridge, too' },
  fixedCidrV6: {
    flag: 'fixed-cidr-v6',
    key: 'fixed-cidr-v6',
    kind: 'text',
    help: "the bridge's IPv6 subnet (default: one of the engine's own unique local addresses)",
  },
  mtu: { flag: 'mtu', key: 'mtu', kind: 'number', help: 'MTU of the default bridge (default: 1500)' },
  bridge: {
    flag: 'bridge',
    short: 'b',
    key: 'bridge',
    kind: 'text',
    help: 'name of the default bridge, after which its nftables table is named; none: containers get no network but those they ask for',
  },
  publishAddress: {
    flag: 'ip',
    key: 'ip',
    kind: 'text',
    help: 'address of the host that ports are published on where -p names none and the network neither (default: all)',
  },
  addressPools: {
    flag: 'default-address-pool',
    key: 'default-address-pools',
    kind: 'list',
    help: 'pool that networks are cut from: base=10.10.0.0/16,size=24 (may be given again)',
  },
  defaultRuntime: {
    flag: 'default-runtime',
    key: 'default-runtime',
    kind: 'text',
    help: 'OCI runtime of containers that ask for none (default: crun where it works, else runc)',
  },
  addedRuntimes: {
    flag: 'add-runtime',
    key: '',
    kind: 'list',
    help: 'OCI runtime that containers may ask for: NAME=PATH (may be given again)',
  },
  execOptions: {
    flag: 'exec-opt',
    key: 'exec-opts',
    kind: 'list',
    help: 'native.cgroupdriver=cgroupfs (the default) or native.cgroupdriver=systemd',
  },
  cgroupParent: {
    flag: 'cgroup-parent',
    key: 'cgroup-parent',
    kind: 'text',
    help: 'cgroup that containers get theirs in (default /slipway; with systemd system.slice)',
  },
  storageDriver: {
    flag: 'storage-driver',
    short: 's',
    key: 'storage-driver',
    environment: 'SLIPWAY_STORAGE_DRIVER',
    kind: 'text',
    help: 'how layers are kept: erofs (an image each), overlay (a directory each), copy (a whole tree each); the default is what the data root has, else erofs where the kernel has it',
  },
  debug: { flag: 'debug', short: 'D', key: 'debug', kind: 'switch', help: 'log more' },
} as const satisfies Record<string, Setting>

export const defaults = {
  host: 'unix:///run/slipway/slipway.sock',
  dataRoot: '/var/lib/slipway',
  execRoot: '/run/slipway',
  configFile: '/etc/slipway/engine.json',
  bridge: 'slipway0',
  mtu: 1500,
  registryCertificates: ['/etc/slipway/certs.d', '/etc/docker/certs.d'],
} as const
