import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { NetworkConfig } from '@slipway/core'
import { NetworkThread, withNetns } from '@slipway/linux'

/**
 * Two hosts with a cable between them: this process's namespace, at 198.51.100.1 and 2001:db8::1, and another, the client, at .2
 * and ::2. To be used inside `inOwnNetns()`.
 */
export interface TwoHosts extends AsyncDisposable {
  readonly thread: NetworkThread
  readonly directory: string
  /** The client's namespace. */
  readonly client: string
  readonly network: NetworkConfig
  readonly bridge: string
}

export const hostAddress = '198.51.100.1'
export const clientAddress = '198.51.100.2'
export const hostAddress6 = '2001:db8::1'
export const clientAddress6 = '2001:db8::2'

export const openTwoHosts = async (): Promise<TwoHosts> => {
  const thread = await NetworkThread.start()
  const directory = await mkdtemp(join(tmpdir(), 'slipway-network-'))
  const client = join(directory, 'client')
  const bridge = `swt${randomBytes(3).toString('hex')}`
  const third = randomInt(0, 256)
  await thread.createNetns(client)
  await thread.run([
    { do: 'set-up', name: 'lo' },
    { do: 'create-veth', name: 'uplink', up: true, peer: { name: 'uplink', netns: client } },
    { do: 'sysctl', key: 'net/ipv6/conf/uplink/disable_ipv6', value: 0 },
    { do: 'sysctl', key: 'net/ipv6/conf/uplink/disable_ipv6', value: 0, netns: client },
    { do: 'add-address', name: 'uplink', address: `${hostAddress}/24` },
    { do: 'add-address', name: 'uplink', address: `${hostAddress6}/64` },
    { do: 'add-address', name: 'uplink', address: `${clientAddress6}/64`, netns: client },
    { do: 'add-address', name: 'uplink', address: `${clientAddress}/24`, netns: client },
    { do: 'set-up', name: 'uplink', netns: client },
  ])
  return {
    thread,
    directory,
    client,
    bridge,
    network: {
      id: randomBytes(32).toString('hex'),
      name: 'test',
      driver: 'bridge',
      subnets: [{ cidr: `10.201.${third}.0/24`, gateway: `10.201.${third}.1` }],
      internal: false,
      options: { 'com.docker.network.bridge.name': bridge },
    },
    async [Symbol.asyncDispose]() {
      await thread.run([
        { do: 'delete-link', name: 'uplink' },
        { do: 'delete-link', name: bridge },
      ])
      await thread.deleteNetns(client)
      await thread[Symbol.asyncDispose]()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Listens in a namespace, and tells everyone who connects the address they come from. */
export const listenIn = async (netns: string, port: number): Promise<AsyncDisposable> => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.end(`${socket.remoteAddress?.replace('::ffff:', '')}\n`)
  })
  // Without a host to look up, Node makes and binds the socket before listen() returns.
  withNetns(netns, () => server.listen(port))
  await once(server, 'listening')
  return {
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Seconds for what is to answer on a busy machine, and for what is not to answer at all. */
const patience = 20
const brevity = 1

/** Connects, and returns the line that comes back; undefined when none does. */
export const ask = async (
  address: string,
  port: number,
  netns?: string,
  seconds = patience,
): Promise<string | undefined> => {
  const shell = ['timeout', String(seconds), 'bash', '-c', `exec 3<>/dev/tcp/${address}/${port} && cat <&3`]
  const [command = '', ...args] = netns === undefined ? shell : ['nsenter', `--net=${netns}`, ...shell]
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const answer = (await text(child.stdout)).trim()
  return answer === '' ? undefined : answer
}

/** The same where nothing is to come back. */
export const askBriefly = (address: string, port: number, netns?: string): Promise<string | undefined> =>
  ask(address, port, netns, brevity)

/** Answers every datagram with the address it came from, or with `words`. */
export const echoIn = async (netns: string, port: number, words?: string): Promise<AsyncDisposable> => {
  // Looked up at once, the address is bound before bind() returns.
  const socket = createSocket({ type: 'udp4', lookup: (host, _, done) => done(null, host, 4) })
  socket.on('message', (_, { address, port: from }) => socket.send(words ?? address, from, address))
  withNetns(netns, () => socket.bind({ port, address: '0.0.0.0' }))
  assert.equal(socket.address().port, port)
  return {
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => socket.close(resolve))
    },
  }
}

/** Sends a datagram, and returns the one that comes back; undefined when none does. */
export const askDatagram = async (
  address: string,
  port: number,
  netns?: string,
  seconds = patience,
): Promise<string | undefined> => {
  const read = `timeout ${seconds} dd bs=1500 count=1 status=none <&3`
  const script = `exec 3<>/dev/udp/${address}/${port} && echo hello >&3 && ${read}`
  const [command, args] = netns === undefined ? ['bash', []] : ['nsenter', [`--net=${netns}`, 'bash']]
  const child = spawn(command, [...args, '-c', script], { stdio: ['ignore', 'pipe', 'ignore'] })
  const answer = (await text(child.stdout)).trim()
  return answer === '' ? undefined : answer
}

/** Sends datagrams from one socket for as long as it is there. */
export const sendingFrom = async (netns: string) => {
  const socket = createSocket({ type: 'udp4', lookup: (host, _, done) => done(null, host, 4) })
  withNetns(netns, () => socket.bind({ port: 0, address: '0.0.0.0' }))
  return {
    /** Goes on until these words come back: those of who answered before may still be on their way. */
    until: async (words: string, address: string, port: number): Promise<void> => {
      const timer = setInterval(() => socket.send('hello', port, address), 100)
      const signal = AbortSignal.timeout(patience * 1000)
      try {
        for (;;) {
          const [answer] = (await once(socket, 'message', { signal })) as [Buffer]
          if (answer.toString() === words) return
        }
      } finally {
        clearInterval(timer)
      }
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => socket.close(resolve))
    },
  }
}
