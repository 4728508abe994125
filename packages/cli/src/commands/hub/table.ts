import type { Group } from '../group.ts'

const invitation = {
  create: () => import('./invitation/create.ts'),
  ls: () => import('./invitation/ls.ts'),
  rm: () => import('./invitation/rm.ts'),
} satisfies Group['commands']

const people = {
  create: () => import('./people/create.ts'),
  disable: () => import('./people/disable.ts'),
  enable: () => import('./people/enable.ts'),
  grant: () => import('./people/grant.ts'),
  ls: () => import('./people/ls.ts'),
  'reset-password': () => import('./people/reset-password.ts'),
  'reset-second-factor': () => import('./people/reset-second-factor.ts'),
  revoke: () => import('./people/revoke.ts'),
  rm: () => import('./people/rm.ts'),
} satisfies Group['commands']

const project = {
  create: () => import('./project/create.ts'),
  inspect: () => import('./project/inspect.ts'),
  ls: () => import('./project/ls.ts'),
  members: () => import('./project/members.ts'),
  'remove-member': () => import('./project/remove-member.ts'),
  rm: () => import('./project/rm.ts'),
  'set-member': () => import('./project/set-member.ts'),
  update: () => import('./project/update.ts'),
} satisfies Group['commands']

const robot = {
  create: () => import('./robot/create.ts'),
  ls: () => import('./robot/ls.ts'),
  rm: () => import('./robot/rm.ts'),
} satisfies Group['commands']

const rule = {
  create: () => import('./rule/create.ts'),
  ls: () => import('./rule/ls.ts'),
  rm: () => import('./rule/rm.ts'),
  run: () => import('./rule/run.ts'),
} satisfies Group['commands']

const secondFactor = {
  begin: () => import('./second-factor/begin.ts'),
  confirm: () => import('./second-factor/confirm.ts'),
  off: () => import('./second-factor/off.ts'),
  'recovery-codes': () => import('./second-factor/recovery-codes.ts'),
  status: () => import('./second-factor/status.ts'),
} satisfies Group['commands']

const session = {
  ls: () => import('./session/ls.ts'),
  rm: () => import('./session/rm.ts'),
} satisfies Group['commands']

const team = {
  create: () => import('./team/create.ts'),
  join: () => import('./team/join.ts'),
  leave: () => import('./team/leave.ts'),
  ls: () => import('./team/ls.ts'),
  rm: () => import('./team/rm.ts'),
} satisfies Group['commands']

const token = {
  create: () => import('./token/create.ts'),
  ls: () => import('./token/ls.ts'),
  rm: () => import('./token/rm.ts'),
} satisfies Group['commands']

const webhook = {
  create: () => import('./webhook/create.ts'),
  deliveries: () => import('./webhook/deliveries.ts'),
  ls: () => import('./webhook/ls.ts'),
  redeliver: () => import('./webhook/redeliver.ts'),
  rm: () => import('./webhook/rm.ts'),
} satisfies Group['commands']

const aliases = { list: 'ls', remove: 'rm' }

/** `slipway hub`: what a registry knows beyond images. */
export const hub: Group = {
  summary: 'Manage what a registry’s hub has',
  commands: {
    audit: () => import('./audit.ts'),
    describe: () => import('./describe.ts'),
    events: () => import('./events.ts'),
    gc: () => import('./gc.ts'),
    history: () => import('./history.ts'),
    inspect: () => import('./inspect.ts'),
    login: () => import('./login.ts'),
    readme: () => import('./readme.ts'),
    repositories: () => import('./repositories.ts'),
    rm: () => import('./rm.ts'),
    rollback: () => import('./rollback.ts'),
    search: () => import('./search.ts'),
    star: () => import('./star.ts'),
    tags: () => import('./tags.ts'),
    trash: () => import('./trash.ts'),
    undelete: () => import('./undelete.ts'),
    unstar: () => import('./unstar.ts'),
    untag: () => import('./untag.ts'),
    visibility: () => import('./visibility.ts'),
    whoami: () => import('./whoami.ts'),
  },
  groups: {
    invitation: { summary: 'Manage invitations to sign up', commands: invitation, aliases },
    people: { summary: 'Manage accounts and robots', commands: people, aliases },
    project: { summary: 'Manage projects', commands: project, aliases },
    robot: { summary: 'Manage the accounts for programs of a project', commands: robot, aliases },
    rule: { summary: 'Manage what is immutable in a project, and what is kept', commands: rule, aliases },
    'second-factor': { summary: 'Manage the second factor of your account', commands: secondFactor, aliases: {} },
    session: { summary: 'Manage the browsers in which you are signed in', commands: session, aliases },
    team: { summary: 'Manage teams', commands: team, aliases },
    token: { summary: 'Manage your access tokens', commands: token, aliases },
    webhook: { summary: 'Manage webhooks', commands: webhook, aliases },
  },
  aliases: { repos: 'repositories', ls: 'repositories', remove: 'rm' },
}
