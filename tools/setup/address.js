import { createServer } from 'node:net'
import { SetupError } from './run.js'

/** The registry's address on the command line, or the usual one; undefined when it is none.
 * @param {readonly string[]} args
 */
export const listenAddress = (args) => {
  const index = args.findLastIndex((word) => word === '--listen' || word.startsWith('--listen='))
  const text = index < 0 ? '127.0.0.1:5000' : (args[index]?.split('=')[1] ?? args[index + 1] ?? '')
  const [, host, port] = /^\[?(.+?)\]?:(\d{1,5})$/.exec(text) ?? []
  return host === undefined || Number(port) > 65535 ? undefined : { host, port: Number(port) }
}

/** Refuses before anything is installed when somebody has the registry's address. What else may be wrong with it, the registry says.
 * @param {readonly string[]} args
 */
export const checkAddress = async (args) => {
  const address = listenAddress(args)
  if (address === undefined) return
  const server = createServer()
  const code = await new Promise((resolve) => {
    server.on('error', (error) => resolve('code' in error ? error.code : undefined))
    server.listen({ ...address, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
  if (code !== 'EADDRINUSE') return
  throw new SetupError(
    `${address.host}:${address.port} is taken: is Slipway running already? Stop what listens there, or choose another ` +
      'address for the registry: npm start -- --listen 127.0.0.1:5001',
  )
}
