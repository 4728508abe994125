import { isIPv4, isIPv6, SocketAddress } from 'node:net'
import { invalid } from '@slipway/core'

export const AF_INET = 2
export const AF_INET6 = 10

export interface IpAddress {
  readonly family: typeof AF_INET | typeof AF_INET6
  /** 4 or 16, in network order. */
  readonly bytes: Buffer
}

/** Throws invalid for what is no address; zones (`%eth0`) are none. */
export const parseIp = (text: string): IpAddress => {
  if (isIPv4(text)) return { family: AF_INET, bytes: Buffer.from(text.split('.').map(Number)) }
  if (isIPv6(text) && !text.includes('%')) return { family: AF_INET6, bytes: ipv6Bytes(text) }
  throw invalid(`invalid IP address: ${JSON.stringify(text.slice(0, 80))}`)
}

/** `2001:db8::1.2.3.4` (RFC 4291 section 2.2); isIPv6() has checked it. */
const ipv6Bytes = (text: string): Buffer => {
  const [head = '', tail] = text.split('::')
  const left = groups(head)
  const right = groups(tail ?? '')
  return Buffer.from([...left, ...Array<number>(16 - left.length - right.length).fill(0), ...right])
}

const groups = (text: string): readonly number[] =>
  text === ''
    ? []
    : text.split(':').flatMap((group) => {
        if (group.includes('.')) return group.split('.').map(Number)
        const number = Number.parseInt(group, 16)
        return [number >> 8, number & 0xff]
      })

/** `10.0.0.1` from 4 bytes, and in RFC 5952's shortest form from 16. */
export const formatIp = (bytes: Buffer): string => {
  if (bytes.length === 4) return bytes.join('.')
  const address = bytes.toString('hex').replace(/(....)(?!$)/g, '$1:')
  return new SocketAddress({ family: 'ipv6', address }).address
}

export interface IpPrefix extends IpAddress {
  readonly prefixLength: number
}

/** `10.0.0.1/16`; without a length, the whole address. */
export const parseCidr = (text: string): IpPrefix => {
  const [address = '', length, rest] = text.split('/')
  const ip = parseIp(address)
  const longest = ip.bytes.length * 8
  const prefixLength = length === undefined ? longest : Number(length)
  if (rest !== undefined || (length !== undefined && !/^\d{1,3}$/.test(length)) || prefixLength > longest) {
    throw invalid(`invalid CIDR address: ${JSON.stringify(text.slice(0, 80))}`)
  }
  return { ...ip, prefixLength }
}

/** `02:42:ac:11:00:02`. Throws invalid. */
export const parseMac = (text: string): Buffer => {
  if (!/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i.test(text)) {
    throw invalid(`invalid MAC address: ${JSON.stringify(text.slice(0, 80))}`)
  }
  return Buffer.from(text.replaceAll(':', ''), 'hex')
}

export const formatMac = (bytes: Buffer): string => bytes.toString('hex').replace(/(..)(?!$)/g, '$1:')
