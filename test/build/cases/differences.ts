import type { CaseResult } from './build.ts'

/** What we make of a case otherwise than the BuildKit of dockerd 28.5, and mean to. */
export interface Difference {
  readonly because: string
  readonly ours:
    | CaseResult
    | {
        /** By path; undefined: it isn't there. */
        readonly files?: Readonly<Record<string, string | undefined>>
        /** By the entry's number. */
        readonly history?: Readonly<Record<number, string>>
      }
}

/** By the names of the cases. */
export const differences: Readonly<Record<string, Difference>> = {
  'run security fails': {
    because: 'this frontend has the flag, which the one in 28.5 has not; what it asks for is refused',
    ours: { error: 'dockerfile parse error on line 2: RUN --security=insecure is not supported' },
  },
  'heredoc chomped interpreter': {
    because: 'newer frontends take the tabs off before they look for an interpreter',
    ours: {
      history: { 6: '+ RUN /bin/sh -c /dev/pipes/A # buildkit (buildkit.dockerfile.v0)' },
      files: { '/out': '- 0644 0:0 cbb5216ff54d' },
    },
  },
  'copy owner by name without a passwd fails': {
    because: 'it tells whose name it is',
    ours: {
      error:
        "unable to convert uid/gid chown string to host mapping: can't find uid for user alice: no such user: alice",
    },
  },
  'copy link flag': {
    because: 'on overlay2 BuildKit has no merges, and takes --link for an ordinary COPY',
    ours: { files: { '/x': 'd 0755 5:5' } },
  },
  'copy from scratch fails': {
    because: 'a file that is missing is told in the same words everywhere',
    ours: { error: 'failed to compute cache key: failed to calculate checksum of ref: "/x": not found' },
  },
  'add archives': {
    because: 'the BuildKit that was asked had no xz to call',
    ours: {
      files: {
        '/xz/a.tar.xz': undefined,
        '/xz/hello': '- 0640 7:8 5891b5b522d5',
        '/xz/link': 'l 7:8 -> hello',
        '/xz/sub': 'd 0755 7:8',
        '/xz/sub/deep': '- 0644 7:8 64896f89fd11',
      },
    },
  },
  'ignore with escapes': {
    because: 'a backslash makes the next letter a letter; Go takes \\a for a bell, which no name has',
    ours: { files: { '/all/a.txt': undefined } },
  },
  'copy parents': {
    because: 'the frontend in 28.5 does not have it: this is what its specification says',
    ours: {
      config: {
        os: 'linux',
        Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
        WorkingDir: '/',
      },
      history: [
        '+ COPY --parents dir/deep/er a.txt /p/ # buildkit (buildkit.dockerfile.v0)',
        '+ COPY --parents dir/*/er/*.txt /q/ # buildkit (buildkit.dockerfile.v0)',
        '+ COPY --parents ./dir/./deep /r/ # buildkit (buildkit.dockerfile.v0)',
      ],
      files: {
        '/p': 'd 0755 0:0',
        '/p/a.txt': '- 0644 0:0 87428fc52280 @context',
        '/p/dir': 'd 0755 0:0',
        '/p/dir/deep': 'd 0755 0:0',
        '/p/dir/deep/er': 'd 0755 0:0',
        '/p/dir/deep/er/three.txt': '- 0644 0:0 f69369121844 @context',
        '/q': 'd 0755 0:0',
        '/q/dir': 'd 0755 0:0',
        '/q/dir/deep': 'd 0755 0:0',
        '/q/dir/deep/er': 'd 0755 0:0',
        '/q/dir/deep/er/three.txt': '- 0644 0:0 f69369121844 @context',
        '/r': 'd 0755 0:0',
        '/r/deep': 'd 0755 0:0',
        '/r/deep/.hidden': '- 0644 0:0 e084a3683ef7 @context',
        '/r/deep/er': 'd 0755 0:0',
        '/r/deep/er/three.txt': '- 0644 0:0 f69369121844 @context',
      },
    },
  },
}

/** What was recorded, with the differences that are meant. */
export const expectedOf = (name: string, recorded: CaseResult): CaseResult => {
  const ours = differences[name]?.ours
  if (ours === undefined) return recorded
  if ('error' in ours || 'config' in ours) return ours
  if ('error' in recorded) throw new Error(`${name}: an error was recorded, and a part of a result is meant`)
  const files = Object.entries({ ...recorded.files, ...ours.files })
  return {
    config: recorded.config,
    history: recorded.history.map((entry, index) => ours.history?.[index] ?? entry),
    files: Object.fromEntries(files.filter((entry): entry is [string, string] => entry[1] !== undefined)),
  }
}
