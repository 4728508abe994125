import { type ReactNode, useEffect } from 'react'

interface PageHeadProps {
  readonly title: string
  readonly about?: ReactNode
  /** What can be done here. */
  readonly children?: ReactNode
}

/** The head of a page; its title is the tab's too. */
export const PageHead = ({ title, about, children }: PageHeadProps) => {
  useEffect(() => {
    document.title = `${title} · Slipway`
  }, [title])
  return (
    <header className="row">
      <div>
        <h1>{title}</h1>
        {about === undefined ? null : <div className="quiet">{about}</div>}
      </div>
      <span className="space" />
      {children}
    </header>
  )
}
