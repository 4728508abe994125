import { withNetns } from '../namespace/enter.ts'
import { RouteSocket } from './socket.ts'

/** A socket in another namespace, by path or descriptor; the thread itself is there only for a moment. */
export const openRouteSocket = (netns?: number | string): RouteSocket =>
  netns === undefined ? new RouteSocket() : withNetns(netns, () => new RouteSocket())
