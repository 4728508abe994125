import assert from 'node:assert/strict'
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { scratchDirectory } from '../testing/scratch-directory.ts'
import { openInRoot } from './open.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants

const makeRoot = (): { readonly root: string } & Disposable => {
  const directory = scratchDirectory()
  const root = join(directory.path, 'root')
  mkdirSync(join(root, 'etc'), { recursive: true })
  writeFileSync(join(directory.path, 'secret'), 'outside')
  writeFileSync(join(root, 'etc/passwd'), 'inside')
  return { root, [Symbol.dispose]: () => directory[Symbol.dispose]() }
}

const readInRoot = (root: number | string, path: string): string => {
  const fd = openInRoot(root, path, O_RDONLY)
  try {
    return readFileSync(fd, 'utf8')
  } finally {
    closeSync(fd)
  }
}

test('openInRoot() takes absolute paths, dots and symlinks as from inside', () => {
  using made = makeRoot()
  symlinkSync('/etc/passwd', join(made.root, 'absolute'))
  symlinkSync('../../../../etc/passwd', join(made.root, 'climbing'))
  symlinkSync('/../secret', join(made.root, 'out'))
  for (const path of ['etc/passwd', '/etc/passwd', '../../etc/passwd', 'absolute', 'climbing']) {
    assert.equal(readInRoot(made.root, path), 'inside', path)
  }
  assert.throws(() => readInRoot(made.root, 'out'), { code: 'ENOENT', syscall: 'openat2', path: 'out' })
})

test('openInRoot() takes a descriptor for the root', () => {
  using made = makeRoot()
  const root = openSync(made.root, constants.O_DIRECTORY)
  try {
    assert.equal(readInRoot(root, '/etc/passwd'), 'inside')
  } finally {
    closeSync(root)
  }
})

test('openInRoot() makes files with their mode, inside', () => {
  using made = makeRoot()
  symlinkSync('/../made', join(made.root, 'dangling'))
  closeSync(openInRoot(made.root, 'dangling', O_WRONLY | O_CREAT, 0o600))
  assert.equal(statSync(join(made.root, 'made')).mode & 0o777, 0o600)
  assert.equal(existsSync(join(made.root, '../made')), false)
  assert.throws(() => openInRoot(made.root, 'made', O_WRONLY | O_CREAT | O_EXCL), { code: 'EEXIST' })
})

test('openInRoot() leaves out magic links and, if asked to, a last symlink', () => {
  using made = makeRoot()
  symlinkSync('etc/passwd', join(made.root, 'link'))
  assert.throws(() => openInRoot(made.root, 'link', O_RDONLY | O_NOFOLLOW), { code: 'ELOOP' })
  assert.throws(() => openInRoot('/proc', 'self/cwd', O_RDONLY), { code: 'ELOOP' })
})
