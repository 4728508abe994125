import { messageOf } from '@slipway/core'

/** Node's word for it and Go's. */
const calls: Readonly<Record<string, string>> = { scandir: 'open' }

/** `open /a/b: permission denied`: what the file system refused, in the words of Go's programs; other errors as they are. */
export const problemOf = (error: unknown): string => {
  const { code, syscall, path } = error as NodeJS.ErrnoException
  const message = messageOf(error)
  if (code === undefined || syscall === undefined || path === undefined) return message
  const [, text = message] = new RegExp(`^${code}: (.*?), ${syscall}\\b`).exec(message) ?? []
  return `${calls[syscall] ?? syscall} ${path}: ${text}`
}
