import type { ExecProcess } from '@slipway/core'
import type { ShimConnection } from './connection.ts'
import { shimIsGone } from './connection.ts'
import { ShimProcess } from './process.ts'
import { ignoring } from './tolerate.ts'

export class ShimExec extends ShimProcess implements ExecProcess {
  readonly execId: string

  constructor(connection: ShimConnection, id: string, execId: string, pid: number) {
    super(connection, { id, execId }, pid)
    this.execId = execId
  }

  async delete(): Promise<void> {
    await this.connection.call('delete', this.name).catch(ignoring(['not-found'], shimIsGone))
  }
}
