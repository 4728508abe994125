import { DropdownMenu } from 'radix-ui'

interface RowMenuProps {
  /** What its button is called, for who can't see it. */
  readonly label: string
  readonly deeds: readonly { readonly name: string; readonly run: () => void }[]
}

/** What can be done with a row, where that is much. */
export const RowMenu = ({ label, deeds }: RowMenuProps) => (
  <DropdownMenu.Root modal={false}>
    <DropdownMenu.Trigger className="button small" aria-label={label}>
      ⋯
    </DropdownMenu.Trigger>
    <DropdownMenu.Portal>
      <DropdownMenu.Content className="menu" align="end">
        {deeds.map(({ name, run }) => (
          <DropdownMenu.Item key={name} onSelect={run}>
            {name}
          </DropdownMenu.Item>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu.Portal>
  </DropdownMenu.Root>
)
