import type { NetworkThread } from '@slipway/linux'
import { FirewallAccept } from './firewall/accept.ts'
import { runNft } from './nft/run-nft.ts'
import { removeScript } from './nft/table.ts'

/** Removes all that a bridge's networks left in the kernel: link, table, accepts in firewalls. Nothing there is no error. */
export const teardown = async ({
  bridge,
  thread,
  firewall = new FirewallAccept(),
}: {
  readonly bridge: string
  readonly thread: NetworkThread
  readonly firewall?: FirewallAccept
}): Promise<void> => {
  await thread.run([{ do: 'delete-link', name: bridge }])
  await runNft(removeScript(bridge))
  await firewall.remove(bridge)
}
