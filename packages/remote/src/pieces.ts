import { finished, type Readable } from 'node:stream'

/**
 * A stream's pieces as they came, one of them ahead. Its own iterator copies into one what came while nobody asked, and
 * leaves more garbage than there are bytes. Leaving early destroys the stream.
 */
export async function* piecesOf(stream: Readable): AsyncGenerator<Uint8Array, void, void> {
  const waiting: Uint8Array[] = []
  let isOver = false
  let failure: Error | null | undefined
  let wake = (): void => {}
  const leave = finished(stream, { writable: false }, (error) => {
    isOver = true
    failure = error
    wake()
  })
  stream.on('data', (piece: Uint8Array) => {
    waiting.push(piece)
    stream.pause()
    wake()
  })
  try {
    while (true) {
      const piece = waiting.shift()
      if (piece !== undefined) {
        stream.resume()
        yield piece
      } else if (isOver) {
        if (failure) throw failure
        return
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve
          stream.resume()
        })
      }
    }
  } finally {
    leave()
    stream.destroy()
  }
}
