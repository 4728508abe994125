import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readCommandLine } from './config.ts'
import { type SettingName, settingNames, settings } from './settings.ts'

/** What stands in place of another. */
type Alternative = 'ldap-user-dn'

/** Of each setting a value that isn't its default; all of them together make sense. */
const values: Readonly<Record<Exclude<SettingName, Alternative>, string | true>> = {
  listen: '127.0.0.1:7',
  'data-root': '/data',
  database: 'postgres://host/name',
  storage: 's3://images',
  's3-endpoint': 'http://host:9000',
  's3-region': 'eu-west-1',
  's3-access-key-id': 'me',
  's3-secret-access-key': 'hush',
  's3-session-token': 'lent',
  's3-redirect': true,
  'sign-up': 'open',
  'require-second-factor': true,
  'sign-in-max-age': '7d',
  'ldap-url': 'ldap://directory',
  'ldap-start-tls': true,
  'ldap-ca': '/ca.pem',
  'ldap-bind-dn': 'cn=reader',
  'ldap-bind-password': 'hush',
  'ldap-base': 'ou=people',
  'ldap-filter': '(cn={user})',
  'ldap-name': 'cn',
  'ldap-id': 'number',
  'ldap-group-base': 'ou=groups',
  'ldap-group-filter': '(member={dn})',
  'oidc-issuer': 'https://provider',
  'oidc-client-id': 'registry',
  'oidc-client-secret': 'hush',
  'oidc-scopes': 'openid',
  'oidc-name': 'email',
  'oidc-groups': 'roles',
  'oidc-create': true,
  'oidc-label': 'Ours',
  'group-rights': 'ops=lib/**:pull',
  'manager-group': 'managers',
  'gc-interval': '7s',
  'retention-interval': '7s',
  'keep-unreferenced': '7s',
  'keep-untagged': '7s',
  'keep-dangling': '8s',
  'keep-bytes': '7s',
  'keep-trash': '9s',
  visibility: 'private',
  projects: 'managers',
  'project-quota': '7GB',
  'slowest-upload': '2kB',
  'identity-tokens': true,
  'tls-cert': '/cert.pem',
  'tls-key': '/key.pem',
  'allow-plain-http': true,
  'behind-proxy': true,
  'request-limit': '7/1m',
  'pull-limit': '8/1m',
  'access-log': true,
  'audit-pulls': true,
  'keep-audit': '7d',
  'no-metrics': true,
  traces: 'http://host:4318',
  'webhooks-private': true,
  debug: true,
}

type Values = Readonly<Partial<Record<SettingName, string | true>>>

const entries = (some: Values): readonly (readonly [SettingName, string | true])[] =>
  settingNames.flatMap((name) => (some[name] === undefined ? [] : [[name, some[name]] as const]))

const byFlags = async (some: Values): Promise<unknown> => {
  const argv = entries(some).map(([name, value]) => (value === true ? `--${name}` : `--${name}=${value}`))
  return (await readCommandLine(argv, {})).config
}

const byEnvironment = async (some: Values): Promise<unknown> => {
  const named = entries(some).map(([name, value]) => [settings[name].environment, value === true ? '1' : value])
  return (await readCommandLine([], Object.fromEntries(named))).config
}

const areHeeded = async (whole: Values): Promise<void> => {
  const all = await byFlags(whole)
  assert.deepEqual(await byEnvironment(whole), all)
  for (const [name] of entries(whole)) {
    const { [name]: _, ...others } = whole
    // Of two that come together, one alone is refused.
    const without = (read: (some: Values) => Promise<unknown>) => read(others).catch((error: Error) => error.message)
    const config = await without(byFlags)
    assert.notDeepEqual(config, all, name)
    assert.deepEqual(await without(byEnvironment), config, name)
  }
}

test('every setting is a flag, a variable of the environment and a key of the file, and is heeded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'swt-settings-'))
  try {
    const path = join(folder, 'registry.json')
    await writeFile(path, JSON.stringify(values))
    const all = await byFlags(values)
    assert.deepEqual((await readCommandLine(['--config-file', path], {})).config, all)
    const { 'ldap-base': _, 'ldap-filter': __, ...rest } = values
    for (const whole of [values, { ...rest, 'ldap-user-dn': 'uid={user}' }]) await areHeeded(whole)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('no two settings have one variable of the environment', () => {
  const variables = settingNames.map((name) => settings[name].environment)
  assert.equal(new Set(variables).size, variables.length)
})
