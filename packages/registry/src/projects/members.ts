import type { ProjectMember } from '@slipway/client'
import { conflict, notFound, type Sql } from '@slipway/core'
import type { Role } from './roles.ts'

/** An account, or a team: all that are in it. */
export interface Member {
  readonly kind: 'account' | 'team'
  readonly name: string
}

/** A page of them, those after a member: teams behind accounts, each by name. */
export const listMembers = (
  sql: Sql,
  project: string,
  { after, limit }: { readonly after: Member | undefined; readonly limit: number },
): Promise<readonly ProjectMember[]> => {
  const { kind, name } = after ?? { kind: '', name: '' }
  return sql<ProjectMember>`
    SELECT kind, name, role, added_at AS "addedAt" FROM (
      SELECT 'account' AS kind, account AS name, role, added_at FROM project_member WHERE project = ${project}
      UNION ALL SELECT 'team' AS kind, team AS name, role, added_at FROM project_team WHERE project = ${project}) member
    WHERE kind > ${kind} OR (kind = ${kind} AND name > ${name}) ORDER BY kind, name LIMIT ${limit}`
}

/** A project without an owner would be nobody's. */
const checkOwner = async (sql: Sql, project: string): Promise<void> => {
  const owners = await sql`
    SELECT 1 FROM project_member WHERE project = ${project} AND role = 'owner'
    UNION ALL SELECT 1 FROM project_team WHERE project = ${project} AND role = 'owner' LIMIT 1`
  if (owners.length === 0) throw conflict(`project ${project} needs an owner: make somebody else one first`)
}

/** Makes an account or a team a member, or gives it another role. Throws not-found, or conflict. In a transaction. */
export const setMember = async (sql: Sql, project: string, { kind, name }: Member, role: Role): Promise<void> => {
  const now = new Date()
  await sql`SELECT 1 FROM project WHERE name = ${project} /*postgres: FOR UPDATE*/`
  if (kind === 'account') {
    const known = await sql`SELECT 1 FROM account WHERE name = ${name} AND kind = 'user'`
    if (known.length === 0) throw notFound('account', name)
    await sql`
      INSERT INTO project_member (project, account, role, added_at) VALUES (${project}, ${name}, ${role}, ${now})
      ON CONFLICT (project, account) DO UPDATE SET role = excluded.role`
  } else {
    if ((await sql`SELECT 1 FROM team WHERE name = ${name}`).length === 0) throw notFound('team', name)
    await sql`
      INSERT INTO project_team (project, team, role, added_at) VALUES (${project}, ${name}, ${role}, ${now})
      ON CONFLICT (project, team) DO UPDATE SET role = excluded.role`
  }
  if (role !== 'owner') await checkOwner(sql, project)
}

/** Throws not-found, or conflict for the last owner. In a transaction. */
export const removeMember = async (sql: Sql, project: string, { kind, name }: Member): Promise<void> => {
  await sql`SELECT 1 FROM project WHERE name = ${project} /*postgres: FOR UPDATE*/`
  const gone =
    kind === 'account'
      ? await sql<{ role: Role }>`
          DELETE FROM project_member WHERE project = ${project} AND account = ${name} RETURNING role`
      : await sql<{ role: Role }>`
          DELETE FROM project_team WHERE project = ${project} AND team = ${name} RETURNING role`
  if (gone[0] === undefined) throw notFound('member', name)
  if (gone[0].role === 'owner') await checkOwner(sql, project)
}
