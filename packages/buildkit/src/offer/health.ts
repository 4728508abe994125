import { message, uint32 } from '@slipway/protobuf'
import { type Methods, unary } from '../grpc/method.ts'
import { sessionMethods } from '../messages/session.ts'
import { empty } from '../messages/wellknown.ts'

const healthResponse = message({ status: uint32(1) })
const serving = 1

/** The daemon asks now and then whether we are still there. */
export const offerHealth: Methods = {
  [sessionMethods.health]: unary(empty, healthResponse, async () => ({ status: serving })),
}
