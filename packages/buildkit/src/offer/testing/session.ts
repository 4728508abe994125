import { duplexPair } from 'node:stream'
import type { Methods } from '../../grpc/method.ts'
import { serveGrpc } from '../../grpc/server.ts'
import { ClientSession } from '../../session/session.ts'

/** A session as the daemon has it, with a client that offers these methods at its other end. */
export const sessionWith = (offered: Methods): ClientSession => {
  const [ours, theirs] = duplexPair()
  void serveGrpc(theirs, offered)
  return new ClientSession(ours, { id: 'client', sharedKey: '', methods: Object.keys(offered) })
}
