import { Exit } from '../exit.ts'

export const defaultDetachKeys = 'ctrl-p,ctrl-q'

/** The control characters beside the letters: ctrl-@ is 0. */
const controls = '@abcdefghijklmnopqrstuvwxyz[\\]^_'

const keyCode = (key: string): number => {
  if (/^[\x20-\x7e]$/.test(key)) return key.charCodeAt(0)
  const control = /^ctrl-(.)$/.exec(key)?.[1]
  const code = control === undefined ? -1 : controls.indexOf(control.toLowerCase())
  if (code === -1) throw new Exit(1, `invalid detach keys: Unknown character: '${key}'`)
  return code
}

/** `ctrl-p,ctrl-q` as the bytes that a terminal sends. Throws Exit. */
export const parseDetachKeys = (keys: string): readonly number[] => keys.split(',').map(keyCode)

/**
 * Watches what is typed. The engine looks for the keys as well and lets go of the container; we only have to know that
 * the end of the stream is then not the end of the container.
 */
export const watchForKeys = (keys: readonly number[]): ((typed: Uint8Array) => boolean) => {
  let matched = 0
  return (typed) => {
    for (const byte of typed) {
      matched = byte === keys[matched] ? matched + 1 : byte === keys[0] ? 1 : 0
      if (matched === keys.length) return true
    }
    return false
  }
}
