// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is about such text
import type { Case, CaseFile } from './case.ts'

const copying = (name: string, files: Readonly<Record<string, CaseFile>>, ...lines: readonly string[]): Case => ({
  name,
  lines: ['FROM scratch', ...lines],
  files,
})

const tree: Readonly<Record<string, CaseFile>> = {
  'a.txt': 'a\n',
  'b.txt': 'b\n',
  'c.md': 'c\n',
  'script.sh': { text: '#!/bin/sh\n', mode: 0o755 },
  'dir/one': 'one\n',
  'dir/two.txt': 'two\n',
  'dir/deep/er/three.txt': 'three\n',
  'dir/deep/.hidden': 'hidden\n',
  empty: { directory: 0o700 },
  'other/one': 'another\n',
  'other/secret': { text: 'secret\n', mode: 0o600 },
}

const linked: Readonly<Record<string, CaseFile>> = {
  'real/file': 'real\n',
  'to-file': { link: 'real/file' },
  'to-dir': { link: 'real' },
  'real/inner': { link: 'file' },
  'real/absolute': { link: '/real/file' },
  dangling: { link: 'nowhere' },
}

const ignoring = (name: string, patterns: readonly string[]): Case =>
  copying(name, { ...tree, '.dockerignore': `${patterns.join('\n')}\n` }, 'COPY . /all/')

const shell = (name: string, ...lines: readonly string[]): Case => ({
  name,
  lines: ['FROM case-base', ...lines],
  files: tree,
})

/** What COPY, ADD, .dockerignore and RUN make of files. */
export const fileCases: readonly Case[] = [
  copying(
    'copy a file',
    tree,
    'COPY a.txt /x',
    'COPY a.txt /d/',
    'COPY a.txt /d/named.txt',
    'COPY ./dir/../b.txt rel/',
  ),
  copying('copy directories', tree, 'COPY dir /x', 'COPY dir/ /y/', 'COPY empty /z/', 'COPY empty /'),
  copying('copy everything', tree, 'COPY . .'),
  copying('copy several', tree, 'COPY a.txt dir other /many/'),
  copying('copy several to a file', tree, 'COPY a.txt b.txt /many'),
  copying('copy of nothing fails', tree, 'COPY missing /x'),
  copying('copy of no match', tree, 'COPY *.none /x/'),
  copying('copy out of the context', tree, 'COPY ../a.txt /x'),
  copying(
    'copy globs',
    tree,
    'COPY *.txt /g/',
    'COPY d?r /h/',
    'COPY [ab].txt /i/',
    'COPY dir/*/er /j/',
    'COPY [^a].txt /k/',
  ),
  copying('copy in json', { 'with space': 'x\n' }, 'COPY ["with space", "/a b/"]'),
  copying('copy of variables', tree, 'ENV N=a D=/dest', 'COPY ${N}.txt $D/', 'COPY $N.* ${D}2/'),
  copying('copy into workdir', tree, 'WORKDIR /w', 'COPY a.txt .', 'COPY a.txt sub/', 'COPY a.txt ../up'),
  copying(
    'copy modes',
    tree,
    'COPY --chmod=640 a.txt /a',
    'COPY --chmod=0711 dir /d/',
    'COPY --chmod=4755 script.sh /s',
  ),
  copying(
    'copy owners',
    tree,
    'COPY --chown=12 a.txt /a',
    'COPY --chown=12:34 dir /new/d/',
    'COPY --chown=0:7 a.txt /g',
  ),
  shell(
    'copy named owners',
    'COPY --chown=alice a.txt /a',
    'COPY --chown=alice:staff dir /d/',
    'COPY --chown=1:staff b.txt /b',
  ),
  shell('copy unknown owner', 'COPY --chown=nobody-at-all a.txt /a'),
  copying('copy owner by name without a passwd fails', tree, 'COPY --chown=alice a.txt /a'),
  copying(
    'copy links',
    linked,
    'COPY to-file /f',
    'COPY to-dir /d/',
    'COPY to-dir/file /g',
    'COPY real /r/',
    'COPY . /all/',
  ),
  copying('copy dangling fails', linked, 'COPY dangling /f'),
  copying('copy over', tree, 'COPY a.txt /x', 'COPY b.txt /x', 'COPY dir /y/', 'COPY other /y/'),
  copying('copy a directory over a file fails', tree, 'COPY a.txt /x', 'COPY dir /x'),
  copying('copy a file to a directory of its name', tree, 'COPY dir /x/', 'COPY a.txt /x'),
  copying('copy through a link of the image', linked, 'COPY real /r/', 'COPY to-dir/file /r/inner/../again'),
  shell(
    'copy into a linked directory',
    'RUN mkdir /target && ln -s target /link',
    'COPY a.txt /link/',
    'COPY dir /link/sub/',
  ),
  shell('copy over a link to a file', 'RUN echo old > /file && ln -s file /link', 'COPY a.txt /link'),
  copying('copy link flag', tree, 'COPY --link a.txt /x/', 'COPY --link dir /x/', 'COPY --link --chown=5 b.txt /x/b'),
  copying('copy exclude', tree, 'COPY --exclude=*.txt . /a/', 'COPY --exclude=dir/deep --exclude=other . /b/'),
  copying(
    'copy parents',
    tree,
    'COPY --parents dir/deep/er a.txt /p/',
    'COPY --parents dir/*/er/*.txt /q/',
    'COPY --parents ./dir/./deep /r/',
  ),
  copying('add a file', tree, 'ADD a.txt /x', 'ADD dir /y/', 'ADD --chmod=600 --chown=9 b.txt /z/'),
  copying('add heredoc', tree, 'ADD <<EOF /text', 'hello', 'EOF'),
  ignoring('ignore names', ['a.txt', 'dir/one', '# comment', '', '  b.txt  ']),
  ignoring('ignore globs', ['*.txt', '*/one', 'other/s?cret']),
  ignoring('ignore deep', ['**/*.txt', '**/.hidden']),
  ignoring('ignore exceptions', ['*', '!dir', 'dir/deep', '!dir/deep/er']),
  ignoring('ignore everything but one', ['**', '!a.txt']),
  ignoring('ignore rooted', ['/a.txt', './b.txt', 'dir/', 'other/../c.md']),
  ignoring('ignore itself', ['.dockerignore', 'Dockerfile', 'dir', 'other', 'empty']),
  { ...copying('ignored copy fails', { ...tree, '.dockerignore': 'a.txt\n' }, 'COPY a.txt /x') },
  shell(
    'run files',
    'RUN mkdir -p /d/e && echo x > /d/f && chmod 1777 /d/e && chown 5:6 /d/f && ln -s f /d/l && ln /d/f /d/h',
  ),
  shell(
    'run removes',
    'COPY dir /d/',
    'RUN rm -r /d/deep && mv /d/one /d/moved',
    'RUN rm -r /d && mkdir /d && echo new > /d/new',
  ),
  shell(
    'run user',
    'USER alice',
    'RUN id -u > /tmp-none 2>/dev/null || id > /dev/null',
    'USER 1000:50',
    'WORKDIR /w',
    'RUN id -g && pwd',
  ),
  shell('run fails', 'RUN exit 3'),
  shell('run of nothing fails', 'RUN ["/no/such/program"]'),
  shell('run in a workdir', 'WORKDIR /w/x', 'RUN pwd > out && echo $PWD >> out', 'WORKDIR ..', 'RUN pwd > out'),
  shell(
    'run home',
    'USER alice',
    'RUN ["/bin/sh", "-c", "test $HOME = /home/alice"]',
    'USER root',
    'RUN echo $HOME > /home-of-root',
  ),
  shell(
    'run mounts',
    'RUN --mount=type=bind,source=dir,target=/m cat /m/one > /out && ls /m >> /out',
    'RUN --mount=target=/ctx,rw echo x > /ctx/new && test ! -e /m',
  ),
  shell('run bind from a stage', 'RUN --mount=type=bind,from=case-triggers,source=/base,target=/b ls /b > /out'),
  shell(
    'run tmpfs and cache',
    'RUN --mount=type=tmpfs,target=/t --mount=type=cache,target=/c,mode=0711 echo x > /t/x; echo y > /c/y; stat -c %a /c > /mode',
  ),
  shell('run network none', 'RUN --network=none ls /sys/class/net > /net'),
  shell('run stubs', 'RUN test -e /etc/resolv.conf && test -e /etc/hosts && ls /proc/self > /dev/null'),
  shell('run hidden secret', 'RUN --mount=type=secret,id=none cat /run/secrets/none 2> /dev/null; echo ran > /out'),
  shell('run required secret fails', 'RUN --mount=type=secret,id=none,required true'),
  shell('run unknown mount fails', 'RUN --mount=type=nothing,target=/x true'),
]
