import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'

interface DialogProps {
  readonly title: string
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly children: ReactNode
}

/** A sheet above the page: Escape closes it, and the focus stays in it. */
export const Dialog = ({ title, isOpen, onClose, children }: DialogProps) => (
  <Radix.Root open={isOpen} onOpenChange={(open) => open || onClose()}>
    <Radix.Portal>
      <Radix.Overlay className="veil" />
      <Radix.Content className="dialog" aria-describedby={undefined}>
        <Radix.Title asChild>
          <h2>{title}</h2>
        </Radix.Title>
        {children}
      </Radix.Content>
    </Radix.Portal>
  </Radix.Root>
)
