import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { followEvents, useEventFeed } from '../engine/events.ts'
import { infoQuery } from '../engine/queries.ts'
import { Icon } from '../parts/icons.tsx'
import { useWords } from '../words/words.tsx'
import { Palette } from './palette.tsx'
import { places } from './places.ts'
import { Preferences } from './preferences.tsx'
import { signOut } from './session.ts'

/** What stands around every page. */
export const Shell = () => {
  const words = useWords()
  const queries = useQueryClient()
  const info = useQuery(infoQuery).data
  const { isAway } = useEventFeed()
  const [isSearching, setSearching] = useState(false)
  useEffect(() => {
    const gone = new AbortController()
    void followEvents(queries, gone.signal)
    return () => gone.abort()
  }, [queries])
  return (
    <div className="shell">
      <Link to="/containers" className="brand" aria-label="Slipway">
        <img src="/slipway.svg" alt="" />
        <span>Slipway</span>
      </Link>
      <header className="top">
        <a className="button skip" href="#main">
          {words.app.skip}
        </a>
        <button type="button" className="button search" onClick={() => setSearching(true)}>
          {words.app.search} <kbd className="hint">{words.app.searchHint}</kbd>
        </button>
        <span className="space" />
        <Preferences onSignOut={signOut} />
      </header>
      <nav className="nav" aria-label={words.nav.pages}>
        {places.map(({ name, path }) => (
          <Link key={path} to={path}>
            <Icon name={name} />
            {words.nav[name]}
          </Link>
        ))}
        {info === undefined ? null : (
          <span className="engine">{words.app.engine(info.ServerVersion, info.OperatingSystem)}</span>
        )}
      </nav>
      <main className="main" id="main" tabIndex={-1}>
        {isAway ? (
          <p className="away" role="status">
            {words.app.engineAway}
          </p>
        ) : null}
        <Outlet />
      </main>
      <Palette isOpen={isSearching} setOpen={setSearching} />
    </div>
  )
}
