import type { ExecCreateBody, ExecStartBody } from '@slipway/client'
import { type BodyShape, shape } from '@slipway/http'

const { bool, integer, list, object, text } = shape

const consoleSize = list(integer('uint', { minimum: 0, maximum: 2 ** 32 }))

export const execCreateBody: BodyShape<ExecCreateBody> = {
  name: 'ExecOptions',
  shape: object('container.ExecOptions', {
    AttachStdin: bool,
    AttachStdout: bool,
    AttachStderr: bool,
    ConsoleSize: consoleSize,
    DetachKeys: text(),
    Tty: bool,
    Env: list(text()),
    Cmd: list(text()),
    Privileged: bool,
    User: text(),
    WorkingDir: text(),
  }),
}

export const execStartBody: BodyShape<ExecStartBody> = {
  name: 'ExecStartOptions',
  shape: object('container.ExecStartOptions', { Detach: bool, Tty: bool, ConsoleSize: consoleSize }),
}
