import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { promisify } from 'node:util'
import { Exit } from '../../exit.ts'

const run = promisify(execFile)

/** Whether systemd is what runs this machine (sd_booted(3)). */
export const systemdRuns = (): Promise<boolean> =>
  access('/run/systemd/system').then(
    () => true,
    () => false,
  )

/** Throws Exit with what it said. */
export const systemctl = async (...words: readonly string[]): Promise<void> => {
  try {
    await run('systemctl', words)
  } catch (error) {
    const { stderr = '', message } = error as { readonly stderr?: string; readonly message: string }
    throw new Exit(1, `systemctl ${words.join(' ')}: ${stderr.trim() || message}`)
  }
}
