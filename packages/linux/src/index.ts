/**
 * The kernel seen from TypeScript. System calls are made through koffi (docs/decisions/0002-koffi.md), with no process
 * spawned: they are synchronous, take microseconds, and throw errors like Node's own (`error.code` is `EEXIST`,
 * with `errno`, `syscall` and `path`). All of it works in worker threads too. Needs Linux 5.12, and 6.7 for
 * overlays of more layers than one page of options has room for.
 *
 * - `kernel/`: the table of system calls, and the one place where an errno becomes an error.
 * - `mount/`: mount, bind, overlay, images, what is mounted where. `mountSnapshot()` mounts what a Snapshotter describes.
 * - `file/`: what node:fs lacks: opening confined to a root, extended attributes, device nodes and FIFOs, times to the
 *   nanosecond, flock, memory for O_DIRECT, what is cached, syncfs, sync_file_range, sendfile. Paths may be bytes.
 * - `netlink/`: rtnetlink. `operation.ts` has the steps that can be asked for, one file each for what they are encoded
 *   to: links, addresses, routes, neighbours. `batch.ts` runs them. `map-elements.ts` changes maps of nftables.
 * - `namespace/`: network namespaces, and `NetworkThread`, through which a program uses both: namespaces belong to
 *   threads, and the main one must neither leave its own nor wait for the kernel's network lock. Sockets that listen
 *   inside a container (its DNS) are opened with `withNetns()` in a thread of their own.
 * - `socket/`: sockets that are bound before Node has them, and so in the namespace the thread is in; datagrams of the unix
 *   domain.
 * - `isal/`: no kernel, but the same kind of call: gzip by a library that machines may have (docs/decisions/0034-isal.md).
 * - `cgroup/`, `binary.ts`, `boot.ts`: questions about the machine.
 *
 * A new system call: a line of `kernel/calls.ts`, its verb in a file of the noun it acts on.
 */
export * from './binary.ts'
export * from './boot.ts'
export * from './cgroup/mode.ts'
export { warmCgroups } from './cgroup/warm.ts'
export { alignedMemory, directBlock } from './file/aligned.ts'
export { cachedBytes } from './file/cached.ts'
export { lockFile } from './file/lock.ts'
export * from './file/node.ts'
export * from './file/open.ts'
export { duplicate, expectSequentialReads, sendFile } from './file/send.ts'
export { beginSync, syncFileSystem } from './file/sync.ts'
export * from './file/xattr.ts'
export type { BlockDeflater } from './isal/deflate.ts'
export type { GzipInflater } from './isal/inflate.ts'
export { openDeflater, openInflater } from './isal/open.ts'
export type { PathLike } from './kernel/calls.ts'
export { errnoName, systemError } from './kernel/error.ts'
export { bindMount } from './mount/bind.ts'
export { attachImage, openImage } from './mount/image.ts'
export { type MountRequest, mount, unmount, unmountAside } from './mount/mount.ts'
export { isMountPoint, makeSharedMount } from './mount/mount-point.ts'
export { type MountInfo, parseMountInfo, readMountInfo } from './mount/mountinfo.ts'
export { flagsToNumber, type MountFlag, type MountOptions, parseMountOptions } from './mount/options.ts'
export { mountSnapshot } from './mount/snapshot.ts'
export { withNetns } from './namespace/enter.ts'
export { type NetnsOption, NetworkThread } from './namespace/network-thread.ts'
export { createNetns, deleteNetns, networkThread } from './namespace/process-wide.ts'
export { warmThreadPool } from './namespace/thread-pool.ts'
export { type AddressInfo, listAddresses } from './netlink/address.ts'
export { runBatch } from './netlink/batch.ts'
export type { DatagramPort } from './netlink/conntrack.ts'
export { formatIp, formatMac, parseCidr, parseIp, parseMac } from './netlink/ip.ts'
export { getLink, type LinkInfo, type LinkSettings, listLinks } from './netlink/link.ts'
export { changeMaps, concatenation, type MapChange, type MapElement } from './netlink/map-elements.ts'
export type { ChainRules, NftablesState } from './netlink/nftables.ts'
export { openRouteSocket } from './netlink/open.ts'
export type { LinkOperation } from './netlink/operation.ts'
export { listRoutes, type Route, type RouteInfo } from './netlink/route.ts'
export { RouteSocket } from './netlink/socket.ts'
export type { IpvlanFlag, IpvlanMode, MacvlanMode } from './netlink/upon-parent.ts'
export { openBoundSocket } from './socket/bound.ts'
export { UnixDatagram } from './socket/unix-datagram.ts'
