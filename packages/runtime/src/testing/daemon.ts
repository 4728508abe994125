import { BusyboxHost, type RunOptions } from './busybox.ts'

/**
 * A daemon to be killed: `node daemon.ts DIRECTORY SCRIPT OPTIONS` runs a script in a container, tells of it on stdout in a line
 * of JSON, passes its output on, and never cleans up.
 */
const [, , directory = '', script = '', options = '{}'] = process.argv
const host = await BusyboxHost.open({ directory })
const { bundle, task, stdio } = await host.create(['sh', '-c', script], JSON.parse(options) as RunOptions)
await task.start()
process.stdout.write(`${JSON.stringify({ bundle, pid: task.pid })}\n`)
stdio.stdout.stream().pipe(process.stdout)
