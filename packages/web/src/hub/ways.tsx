import { type AnyRouter, Link as RouterLink, useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'

interface LinkProps {
  readonly to: string
  readonly className?: string
  readonly children: ReactNode
}

/** A link within the hub. The types of routes are the dashboard's, which is another program: here paths are text. */
export const Link = ({ to, className, children }: LinkProps) => (
  <RouterLink<AnyRouter, string, string> to={to} {...(className ? { className } : {})}>
    {children}
  </RouterLink>
)

interface Way {
  readonly to: string
  readonly search?: Readonly<Record<string, string>>
  /** In place of the address that is shown now. */
  readonly replace?: boolean
}

/** Goes to an address of the hub. */
export const useGo = (): ((way: Way) => Promise<void>) => useNavigate() as unknown as (way: Way) => Promise<void>
