import { parseGrants } from '../access/pattern.ts'
import { parseDuration } from '../duration.ts'
import { listInvitations, makeInvitation, removeInvitation } from '../sign-in/sign-up/invitations.ts'
import type { Administration, Verb } from './verb.ts'

const add = async ({ sql, print }: Administration, life = '7d', grants = '', note = ''): Promise<void> => {
  const expiresAt = new Date(Date.now() + parseDuration(life))
  const { text } = await makeInvitation(sql, { by: null, note, grants: parseGrants(grants), expiresAt })
  print(`/sign-up#${text}`)
}

const list = async ({ sql, print }: Administration): Promise<void> => {
  for (const { id, expiresAt, createdBy, grants, note } of await listInvitations(sql)) {
    print([id, expiresAt, createdBy ?? '-', grants, note].join('\t').trimEnd())
  }
}

export const invitationVerbs: readonly Verb[] = [
  {
    words: ['invitation', 'add'],
    arguments: '[EXPIRESIN] [GRANTS] [NOTE]',
    about: 'print a link, below the registry’s address, for one sign-up: good for 7d, granting "team/**:pull,push"',
    run: add,
    deed: (_life, grants) => ({ action: 'invitation.make', detail: grants }),
  },
  { words: ['invitation', 'list'], arguments: '', about: 'list those that were not used yet', run: list },
  {
    words: ['invitation', 'remove'],
    arguments: 'ID',
    about: 'take one back',
    run: ({ sql }, id = '') => removeInvitation(sql, id),
    deed: (subject) => ({ action: 'invitation.remove', subject }),
  },
]
