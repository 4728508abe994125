import type { HubSession } from '@slipway/client'
import { useQuery } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { Preferences } from '../app/preferences.tsx'
import { Icon } from '../parts/icons.tsx'
import { useWords } from '../words/words.tsx'
import { sessionQuery, verbs } from './queries.ts'
import { Link } from './ways.tsx'

const DuePage = lazy(async () => ({ default: (await import('./account/due.tsx')).DuePage }))

/** What stands around every page of the hub. */
export const HubShell = () => {
  const words = useWords()
  const session = useQuery(sessionQuery).data
  const [due, setDue] = useState<NonNullable<HubSession['due']>>()
  // It stays when it is done: what it tells then is told only once.
  if (session?.due && due === undefined) setDue(session.due)
  return (
    <div className="shell">
      <Link to="/" className="brand">
        <img src="/slipway.svg" alt="" />
        <span>Slipway Hub</span>
      </Link>
      <header className="top">
        <a className="button skip" href="#main">
          {words.app.skip}
        </a>
        <span className="space" />
        {session?.account ? (
          <span className="quiet">
            <Link to="/account">{words.hub.signedInAs(session.account)}</Link>
          </span>
        ) : (
          <Link to="/sign-in" className="button">
            {words.hub.signIn}
          </Link>
        )}
        <Preferences onSignOut={session?.account ? verbs.signOut : undefined} />
      </header>
      <nav className="nav" aria-label={words.nav.pages}>
        <Link to="/">
          <Icon name="images" />
          {words.hub.explore}
        </Link>
        <Link to="/feed">
          <Icon name="events" />
          {words.watch.feed}
        </Link>
        <Link to="/projects">
          <Icon name="volumes" />
          {words.project.projects}
        </Link>
        {session?.account && session.manages ? (
          <Link to="/teams">
            <Icon name="containers" />
            {words.project.teams}
          </Link>
        ) : null}
        {session?.account && session.manages ? (
          <Link to="/people">
            <Icon name="networks" />
            {words.hub.people}
          </Link>
        ) : null}
        {session?.manages ? (
          <Link to="/webhooks">
            <Icon name="events" />
            {words.hub.webhooks}
          </Link>
        ) : null}
        {session?.manages ? (
          <Link to="/audit">
            <Icon name="audit" />
            {words.watch.audit}
          </Link>
        ) : null}
        {session?.manages ? (
          <Link to="/garbage">
            <Icon name="disk" />
            {words.hub.garbage}
          </Link>
        ) : null}
      </nav>
      <main className="main" id="main" tabIndex={-1}>
        {due ? (
          <Suspense>
            <DuePage due={due} />
          </Suspense>
        ) : (
          <Outlet />
        )}
      </main>
    </div>
  )
}
