import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { EngineClient } from '@slipway/client'
import { alignedMemory, openInflater } from '@slipway/linux'
import { openSnapshotter } from '@slipway/store'
import { openBig } from '../images/families.ts'
import { archiveOf, type BenchImage } from '../images/image.ts'
import { importTar } from '../images/moves.ts'
import { type Bench, type Benchmark, interleave, timed } from '../measure.ts'

type Layer = BenchImage['layers'][number]

const pieceSize = 1 << 18
/** Layers side by side, as an engine has them on two processors. */
const atOnce = 2

const eachLayer = async ({ layers }: BenchImage, work: (layer: Layer) => Promise<unknown>): Promise<void> => {
  const left = [...layers]
  const take = async (): Promise<void> => {
    for (let layer = left.pop(); layer !== undefined; layer = left.pop()) await work(layer)
  }
  await Promise.all(Array.from({ length: atOnce }, take))
}

const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() })

const inflate = (image: BenchImage): Promise<void> =>
  eachLayer(image, (layer) =>
    pipeline(Readable.from(layer.read('gzip')), createGunzip({ chunkSize: pieceSize }), nowhere()),
  )

/** In this thread, one layer after the other. */
const inflateHere = async (image: BenchImage): Promise<void> => {
  const room = Buffer.allocUnsafeSlow(pieceSize)
  for (const layer of image.layers) {
    const inflater = openInflater(room)
    if (inflater === undefined) throw new Error('ISA-L is not there: the set-up installs it')
    for await (const chunk of layer.read('gzip')) Array.from(inflater.inflate(chunk), ({ length }) => length)
  }
}

const hash = (image: BenchImage): Promise<void> =>
  eachLayer(image, async (layer) => {
    const sum = createHash('sha256')
    for await (const chunk of layer.read('plain')) sum.update(chunk)
  })

/** What a load of plain layers brings to the disk: the blobs and the images. */
const write = async (image: BenchImage, directory: string): Promise<void> => {
  const bytes = 2 * image.layers.reduce((sum, { plain }) => sum + plain.size, 0)
  const path = join(directory, 'written')
  const piece = alignedMemory(pieceSize)
  await using file = await open(path, constants.O_CREAT | constants.O_WRONLY | constants.O_DIRECT)
  for (let at = 0; at < bytes; at += pieceSize) await file.write(piece, 0, pieceSize, at)
  await file.sync()
  await rm(path)
}

const unpack = async (image: BenchImage, directory: string): Promise<void> => {
  await using snapshots = await openSnapshotter(join(directory, 'snapshots'))
  await eachLayer(image, async (layer) => {
    await using _ = await snapshots.unpack({ bytes: layer.read('gzip') }, { expected: layer.diffId })
  })
}

const drain = `
const http = require('node:http')
http.createServer((request, response) => request.resume().on('end', () => response.end())).listen(process.argv[1])
`

/** The archive from its files to a server that does nothing with it: the client's part, and the socket's. */
const send = async (image: BenchImage, directory: string): Promise<number> => {
  const socket = join(directory, 'socket')
  const server = spawn(process.execPath, ['-e', drain, socket], { stdio: 'ignore' })
  try {
    await using client = new EngineClient({ host: `unix://${socket}`, apiVersion: '1.41' })
    await waitFor(client)
    return await timed(() => importTar(client, 'nothing', archiveOf(image, 'nothing:latest', 'plain')))
  } finally {
    server.kill()
    await rm(socket, { force: true })
  }
}

const waitFor = async (client: EngineClient): Promise<void> => {
  for (let tries = 0; tries < 200; tries += 1) {
    if (
      await client.request({ path: '/_ping' }).then(
        (answer) => Boolean(answer.resume()),
        () => false,
      )
    )
      return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export const imageLimits: Benchmark = {
  name: 'image-limits',
  about: 'what moving the image of 1 GB is made of, each part alone in this process, on two processors',
  quick: false,
  async run(bench: Bench) {
    const big = await openBig()
    const directory = await mkdtemp(join(tmpdir(), 'slipway-limits-'))
    let round = 0
    try {
      return await interleave(bench, [{ name: 'alone' }], async () => {
        const image = big.variant(++round)
        return {
          'inflate the compressed layers, by zlib': await timed(() => inflate(image)),
          'inflate the compressed layers, by ISA-L on one processor': await timed(() => inflateHere(image)),
          'sha256 of the plain layers': await timed(() => hash(image)),
          'write twice its size around the page cache, and fsync': await timed(() => write(image, directory)),
          'inflate, hash and write EROFS images': await timed(() => unpack(image, directory)),
          'send the plain archive through a socket': await send(image, directory),
        }
      })
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  },
}
