import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Tells systemd that the engine serves, when that is who started us (sd_notify(3)). What we start mustn't say it again. */
export const notifyReady = async (): Promise<void> => {
  const NOTIFY_SOCKET = process.env['NOTIFY_SOCKET']
  if (!NOTIFY_SOCKET) return
  delete process.env['NOTIFY_SOCKET']
  await run('systemd-notify', ['--ready', `--pid=${process.pid}`], { env: { ...process.env, NOTIFY_SOCKET } })
}
