import { invalid, type Platform } from '@slipway/core'

/** Other words for the same machine, as containerd's platforms package knows them. */
const architectures: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  i386: '386',
}

/** `linux/arm64/v8`. Throws invalid. */
export const parsePlatform = (text: string): Platform => {
  const [os = '', typed = '', variant, ...rest] = text.toLowerCase().split('/')
  const architecture = architectures[typed] ?? typed
  const parts = [os, architecture, ...(variant === undefined ? [] : [variant])]
  if (rest.length > 0 || !parts.every((part) => /^[a-z0-9_.-]+$/.test(part))) {
    throw invalid(`failed to parse platform ${text}: ${JSON.stringify(text)} is an invalid component`)
  }
  return { os, architecture, ...(variant === undefined ? {} : { variant }) }
}
