import type { Migration } from '@slipway/core'

/** SQL's word for what a role may do: `roles.ts` says it to the rest. */
const actions = `CASE role WHEN 'guest' THEN 'pull' WHEN 'developer' THEN 'pull,push'
  WHEN 'maintainer' THEN 'pull,push,delete' ELSE 'pull,push,delete,manage' END`

/** What LIKE matches: all repositories of a project. `_` is a letter of many names. */
const names = `replace(project, '_', '\\_') || '/%'`

/**
 * The first part of a name; '' where there is only one. Both dialects trim by sets of letters, and neither knows the other's
 * words for places.
 */
const firstPart = `substr(name, 1, length(name) - length(ltrim(name, replace(name, '/', ''))))`

/** Projects, who is in them, and what of it a right is. */
export const projectMigrations: readonly Migration[] = [
  {
    name: 'registry-projects-0001-members',
    statements: [
      // `used`: see use.ts. A quota of NULL: no limit.
      `CREATE TABLE project (
        name TEXT PRIMARY KEY,
        description TEXT NOT NULL DEFAULT '',
        visibility TEXT NOT NULL CHECK (visibility IN ('public', 'private')),
        quota BIGINT,
        used BIGINT NOT NULL DEFAULT 0,
        created_by TEXT,
        created_at TEXT NOT NULL,
        retained_at TEXT NOT NULL DEFAULT ''
      )`,
      `CREATE TABLE project_member (
        project TEXT NOT NULL REFERENCES project (name) ON DELETE CASCADE,
        account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
        role TEXT NOT NULL CHECK (role IN ('guest', 'developer', 'maintainer', 'owner')),
        added_at TEXT NOT NULL,
        PRIMARY KEY (project, account)
      )`,
      'CREATE INDEX project_member_by_account ON project_member (account)',
      `CREATE TABLE team (
        name TEXT PRIMARY KEY,
        description TEXT NOT NULL DEFAULT '',
        created_at TEXT NOT NULL
      )`,
      `CREATE TABLE team_member (
        team TEXT NOT NULL REFERENCES team (name) ON DELETE CASCADE,
        account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
        PRIMARY KEY (team, account)
      )`,
      'CREATE INDEX team_member_by_account ON team_member (account)',
      `CREATE TABLE project_team (
        project TEXT NOT NULL REFERENCES project (name) ON DELETE CASCADE,
        team TEXT NOT NULL REFERENCES team (name) ON DELETE CASCADE,
        role TEXT NOT NULL CHECK (role IN ('guest', 'developer', 'maintainer', 'owner')),
        added_at TEXT NOT NULL,
        PRIMARY KEY (project, team)
      )`,
      'CREATE INDEX project_team_by_team ON project_team (team)',
      // Whoever asks what an account may do asks here: grants, memberships, and those of its teams.
      `CREATE VIEW account_right AS
        SELECT account, names, actions FROM account_grant
        UNION ALL SELECT account, ${names} AS names, ${actions} AS actions FROM project_member
        UNION ALL SELECT team_member.account AS account, ${names} AS names, ${actions} AS actions
          FROM team_member JOIN project_team ON project_team.team = team_member.team`,
      // Whether or not there is a project of that name.
      `ALTER TABLE repository ADD COLUMN project TEXT NOT NULL DEFAULT ''`,
      `UPDATE repository SET project = ${firstPart}`,
      'CREATE INDEX repository_by_project ON repository (project, name)',
      `CREATE TABLE project_robot (
        account TEXT PRIMARY KEY REFERENCES account (name) ON DELETE CASCADE,
        project TEXT NOT NULL REFERENCES project (name) ON DELETE CASCADE,
        description TEXT NOT NULL DEFAULT '',
        created_by TEXT,
        created_at TEXT NOT NULL
      )`,
      'CREATE INDEX project_robot_by_project ON project_robot (project)',
    ],
  },
  {
    name: 'registry-projects-0002-use',
    statements: [
      // In how many of a project's repositories a blob is: it is counted with the first, and no more with the last.
      `CREATE TABLE project_blob (
        project TEXT NOT NULL REFERENCES project (name) ON DELETE CASCADE,
        digest TEXT NOT NULL,
        links BIGINT NOT NULL,
        PRIMARY KEY (project, digest)
      )`,
    ],
  },
  {
    name: 'registry-projects-0003-edition',
    // Which change of its description and visibility this is: of two who edit one, the second is told.
    statements: ['ALTER TABLE project ADD COLUMN edition BIGINT NOT NULL DEFAULT 0'],
  },
  {
    name: 'registry-projects-0004-manifests',
    // Blobs alone were counted.
    statements: [
      `UPDATE project SET used = used + COALESCE((SELECT sum(manifest.size) FROM repository
        JOIN manifest ON manifest.repository_id = repository.id WHERE repository.project = project.name), 0)`,
    ],
  },
]
