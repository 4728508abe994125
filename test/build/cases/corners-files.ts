// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is about such text
import type { Case, CaseFile } from './case.ts'

const files: Readonly<Record<string, CaseFile>> = {
  'a.txt': 'a\n',
  'b.txt': 'b\n',
  '--odd': 'odd\n',
  'c.md': 'c\n',
  'script.sh': { text: '#!/bin/sh\n', mode: 0o755 },
  'dir/one': 'one\n',
  'dir/two.txt': { text: 'two\n', mode: 0o640 },
  'dir/deep/er/three.txt': 'three\n',
  'dir/deep/.hidden': 'hidden\n',
  'dir/node_modules/x': 'x\n',
  'node_modules/y': 'y\n',
  locked: { directory: 0o700 },
  'other/one': 'another\n',
  'to-dir': { link: 'dir' },
  'to-a': { link: 'a.txt' },
}

/** hello (0640, 7:8), link to it, sub/deep. */
const archives: Readonly<Record<string, CaseFile>> = {
  'a.tar.gz': {
    base64:
      'H4sIAAAAAAACA+3VQQ6CMBBA0a49RU9AO0jb82AkkViViNxfQF3oguiiXeB/mw4Ju5/MFEYlZ0fBufkdp8cr9vk9e80S3DSH0nulncpg6G/1VWsVu+X/TnUb1foU5tDEeEne31d2ob9/7y92ayulLf2Tm+tvFP5UYWJ7PmbY/yF8v/9FJIjSZfrVxP43/bAzGfr/cv/FWhe4//n675umS33/q4X+7rN/kJL7n8NUnvMPAAAAAAAAAAAArMMdi39C9wAoAAA=',
  },
  'a.tar.bz2': {
    base64:
      'QlpoOTFBWSZTWYjzBBUAAI/7hPmQCBBAAf+AATl2b94AAACAiDAA2CMNDIaZNAMQ000aGjDDQyGmTQDENNNGhowRSIajUe1TQYQPQmjJ6nlNOo9a9JS2nifaUKwIxrBR9N23fwGeu8n5ls5WK6hNyQoEgSuyY2J2SSbs9IOnvEBQ8NiVTBRDHHnyKglISOVJRt+EkE5xikSwsMN5Mqcblutn3HrdxSl+ohLicKfqZpoc+HYyciytuSfmeaXUbHBMktmBYUTvShoumkN6gQF3JFOFCQiPMEFQ',
  },
  'a.tar.xz': {
    base64:
      '/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4Cf/AMBdABcLvBx9AZXAHUpGn6TGSFtSN7EWo4Vx8Vw8ueZ+BM9yjiVDpaHacjvZRtCR5WsZ+xlRGtHGM19EGqClg2Bi/Zb0N/2N6I2HYs7RHIeqFXIRYfPIY8EunmtQQiXHz84tPKB4e0yhaIjewmMP+MS+6cGbEO5jT+e0JvPzfuXBVZHP8yez7F7xRvCauhm7A/xFrtu+8AtBwxc5He5unmTa9Irp6Cw0+WWwA4XeFHAtVUIewiqJNJD4w4eFL82aqWLmAADu4siCrkZiaAAB3AGAUAAAsrksGrHEZ/sCAAAAAARZWg==',
  },
  'a.tar.zst': {
    base64:
      'KLUv/WQAJ9UEAHJGExCQfYQ74Zb0/0S6f8E5T0Kn5NMxtTWWjvuPlS8J/en/U2o4XxyigYc2XvyRG0RjbG6Ijk/JrrFDsArf3H1CI0SSe/tJ397+yfuc5D1EHSAQMStz/gk94AsgKfRfwVh1IGfIWicHsEKZqZoxgBR1qQCoAt8h/ANuMvZXGIAQwKpcZg+dDzDtJ0p3J49ZlQVveu5LAcwn4AaYX0I7',
  },
  'no.tar.gz': 'this is none',
}

const copying = (name: string, ...lines: readonly string[]): Case => ({
  name,
  lines: ['FROM scratch', ...lines],
  files,
})
const shell = (name: string, ...lines: readonly string[]): Case => ({
  name,
  lines: ['FROM case-base', ...lines],
  files,
})
const adding = (name: string, ...lines: readonly string[]): Case => ({
  name,
  lines: ['FROM scratch', ...lines],
  files: archives,
})
const ignoring = (name: string, text: string): Case => ({
  name,
  lines: ['FROM scratch', 'COPY . /all/'],
  files: { ...files, '.dockerignore': text },
})

/** What is easily forgotten about files. */
export const fileCorners: readonly Case[] = [
  copying('copy a name with dashes', 'COPY -- --odd /x'),
  copying(
    'copy to the modes of new directories',
    'COPY --chmod=750 a.txt /p/q/',
    'COPY --chmod=710 dir /r/s/',
    'COPY --chmod=600 a.txt /t/u',
  ),
  shell(
    'copy to the modes of old directories',
    'RUN mkdir -p /old/er',
    'COPY --chmod=711 dir /old/er/',
    'COPY --chmod=640 a.txt /old/',
  ),
  copying(
    'copy modes in words',
    'COPY --chmod=u=rwX,go=rX dir /d/',
    'COPY --chmod=a+x a.txt /x',
    'COPY --chmod=go-r,u+s script.sh /s',
  ),
  copying('copy a mode of more fails', 'COPY --chmod=10000 a.txt /x'),
  copying('copy a mode of nonsense fails', 'COPY --chmod=wild a.txt /x'),
  copying('copy a mode of nine fails', 'COPY --chmod=9 a.txt /x'),
  copying(
    'copy owners of new directories',
    'COPY --chown=8 a.txt /p/q/',
    'COPY --chown=9:10 dir /r/s',
    'COPY --chown=5 a.txt /r/s/x',
  ),
  shell(
    'copy owners of old directories',
    'RUN mkdir -p /old/er',
    'COPY --chown=8 dir /old/',
    'COPY --chown=9 a.txt /old/er/',
  ),
  shell(
    'copy owner with a strange group',
    'COPY --chown=alice:7 a.txt /a',
    'COPY --chown=7:alice a.txt /b',
    'COPY --chown=alice:nogroup a.txt /c',
  ),
  copying('copy to a directory of a directory', 'COPY dir /d', 'COPY dir/deep /d', 'COPY other/ /d/deep'),
  copying('copy over modes', 'COPY --chmod=700 dir /d', 'COPY dir /d', 'COPY locked /d/deep'),
  copying('copy a link to a directory', 'COPY to-dir /x', 'COPY to-a /y', 'COPY to-dir/deep /z'),
  copying('copy a glob of links', 'COPY to-* /l/'),
  copying('copy a glob into deep', 'COPY */one /g/', 'COPY d*/*/er/three.* /h/'),
  copying('copy a glob with a bad class fails', 'COPY [a /x/'),
  copying('copy an escaped glob', 'COPY a\\.txt /x'),
  copying('copy variables that are empty', 'COPY a.txt$NOTHING /x$NOTHING'),
  copying('copy with one word fails', 'COPY a.txt'),
  copying('copy of nothing at all fails', 'COPY'),
  copying('copy from nothing', 'COPY --from= a.txt /x'),
  copying('copy from scratch fails', 'COPY --from=scratch /x /x'),
  copying('copy of an address fails', 'COPY https://example.invalid/x /x'),
  copying('copy through dots', 'COPY a.txt /d/../e/./f', 'COPY dir/../b.txt ./g/../h'),
  shell('copy into a file as a directory fails', 'COPY a.txt /etc/passwd/x'),
  shell(
    'copy onto links of the image',
    'RUN mkdir /t && ln -s t /l && ln -s /gone /dangling && ln -s ../../../up /out',
    'COPY a.txt /l',
    'COPY a.txt /dangling',
    'COPY dir /out',
  ),
  shell('copy a directory onto a link', 'RUN mkdir /t && ln -s t /l', 'COPY dir /l', 'COPY other /l/'),
  shell('copy over hard links', 'RUN echo x > /x && ln /x /y', 'COPY a.txt /x'),
  shell(
    'copy keeps hard links',
    'RUN mkdir /s && echo x > /s/a && ln /s/a /s/b',
    'FROM scratch',
    'COPY --from=0 /s /d',
  ),
  shell(
    'copy keeps special files',
    'RUN mkdir /s && mkfifo /s/p && mknod /s/n c 1 3 && chmod 4755 /s',
    'FROM scratch',
    'COPY --from=0 /s /d',
  ),
  shell(
    'copy from keeps owners of directories',
    'RUN mkdir -p /s/t && chown -R 5:6 /s && chmod 2775 /s/t',
    'FROM scratch',
    'COPY --from=0 /s /d/',
    'COPY --from=0 /s/t /e/f/',
  ),
  shell('copy exclude of several', 'COPY --exclude=**/deep --exclude=*.md --exclude=!c.md . /x/'),
  copying('copy exclude of a file', 'COPY --exclude=dir/one dir /x/', 'COPY --exclude=one dir /y/'),
  copying('copy exclude within', 'COPY --exclude=deep dir other /z/'),
  copying('copy link to nothing', 'COPY --link a.txt /x', 'COPY --link dir /d/'),
  copying('copy link with a mode', 'COPY --link --chmod=600 a.txt /x'),
  adding('add archives', 'ADD a.tar.gz /gz/', 'ADD a.tar.bz2 /bz2/', 'ADD a.tar.xz /xz/', 'ADD a.tar.zst /zst/'),
  adding('add an archive to a name', 'ADD a.tar.gz /name'),
  adding('add an archive as it is', 'ADD --unpack=false a.tar.gz /x/', 'COPY a.tar.gz /y'),
  adding('add what is no archive', 'ADD no.tar.gz /x/'),
  adding('add an archive to others', 'ADD --chown=3:4 a.tar.gz /owned/', 'ADD --chmod=700 a.tar.gz /moded/'),
  adding('add archives together', 'ADD a.tar.gz no.tar.gz /x/'),
  adding('add a glob of archives', 'ADD *.tar.gz /x/'),
  copying(
    'add checksum of a file fails',
    'ADD --checksum=sha256:0000000000000000000000000000000000000000000000000000000000000000 a.txt /x',
  ),
  ignoring('ignore lines that end otherwise', '\uFEFFa.txt\r\nb.txt\r\n'),
  ignoring('ignore comments', ' # no comment\n#a.txt\nb.txt # this neither\n'),
  ignoring('ignore top names only', 'node_modules/\none\n'),
  ignoring('ignore everywhere', '**/node_modules\n**/one\n'),
  ignoring('ignore all below', 'dir/**\n!dir/deep/er\nother/*\n'),
  ignoring('ignore and take back', '*\n!*.txt\n!dir\ndir/deep/**\n!dir/deep/er/*.txt\n'),
  ignoring('ignore with blanks after the mark', '*\n!  a.txt\n'),
  ignoring('ignore with classes', '[ab].txt\ndir/[^o]*\n'),
  ignoring('ignore with escapes', '\\a.txt\nb\\.txt\n'),
  ignoring('ignore with dots', './dir/../a.txt\n/../b.txt\n./other/\n'),
  ignoring('ignore with question marks', '?.txt\ndir/???\n'),
  ignoring('ignore the last one counts', 'a.txt\n!a.txt\na.txt\n!b.txt\nb.txt\n'),
  ignoring('ignore an end of two stars', 'dir**\n'),
  ignoring('ignore a start of two stars', '**.txt\n'),
  ignoring('ignore stars in the middle', 'dir/**/three.txt\ndir/**/one\n'),
  ignoring('ignore a single mark fails', '!\n'),
  ignoring('ignore a bad class fails', '[a\n'),
  ignoring('ignore everything', '.\n'),
  ignoring('ignore links', 'to-dir\n'),
  ignoring('ignore behind links', 'to-dir/one\ndir/two.txt\n'),
  {
    name: 'ignore by the name of the Dockerfile',
    lines: ['FROM scratch', 'COPY . /all/'],
    files: { ...files, '.dockerignore': 'a.txt\n', 'Dockerfile.dockerignore': 'b.txt\n' },
  },
  { ...ignoring('ignored directories can be seen', 'dir\n!dir/deep\n'), lines: ['FROM scratch', 'COPY dir /d/'] },
  { ...ignoring('ignored globs take nothing', '*.txt\n'), lines: ['FROM scratch', 'COPY *.txt c.md /d/'] },
  shell(
    'run leaves no stubs',
    'RUN --mount=type=cache,target=/new/cache --mount=type=tmpfs,target=/new/tmp true',
    'RUN --mount=type=bind,source=a.txt,target=/new/file true',
  ),
  shell('run leaves stubs that it changed', 'RUN --mount=type=cache,target=/new/cache touch /new/x'),
  shell(
    'run on a directory that is there',
    'RUN mkdir /c',
    'RUN --mount=type=cache,target=/c touch /c/x',
    'RUN ls /c > /out',
  ),
  shell('run mount to a relative place', 'WORKDIR /w', 'RUN --mount=type=bind,source=dir,target=m ls /w/m > /out'),
  shell('run mount to the root fails', 'RUN --mount=type=cache,target=/ true'),
  shell('run mount of an unknown key fails', 'RUN --mount=type=bind,sorce=x,target=/x true'),
  shell('run mount of no value fails', 'RUN --mount=type=bind,source true'),
  shell('run mount of a bad sharing fails', 'RUN --mount=type=cache,target=/x,sharing=some true'),
  shell('run mount of a bad boolean fails', 'RUN --mount=type=bind,target=/x,ro=some true'),
  shell('run mount with owner fails', 'RUN --mount=type=bind,target=/x,uid=1 true'),
  shell('run mount of something missing fails', 'RUN --mount=type=bind,source=missing,target=/x true'),
  shell(
    'run mount of a file',
    'RUN --mount=type=bind,source=a.txt,target=/f cat /f > /out; echo x > /f || echo read-only >> /out',
  ),
  shell(
    'run mount that is written',
    'RUN --mount=type=bind,source=dir,target=/f,rw echo x > /f/x && ls /f > /out',
    'RUN --mount=type=bind,source=dir,target=/f ls /f > /again',
  ),
  shell('run mount through a link', 'RUN --mount=type=bind,source=to-dir,target=/f ls /f > /out'),
  shell('run mount of the ignored', 'RUN --mount=target=/f find /f | sort > /out'),
  shell(
    'run cache is kept',
    'RUN --mount=type=cache,id=case-kept,target=/c echo x > /c/x',
    'RUN --mount=type=cache,id=case-kept,target=/d cat /d/x > /out',
  ),
  shell(
    'run cache of an owner',
    'RUN --mount=type=cache,target=/c,uid=1000,gid=50,mode=0750 stat -c "%u %g %a" /c > /out',
  ),
  shell(
    'run cache from a stage',
    'FROM case-base AS one',
    'RUN mkdir /s && echo x > /s/x',
    'FROM case-base',
    'RUN --mount=type=cache,id=case-from,target=/c,from=one,source=/s ls /c > /out',
  ),
  shell('run cache read only', 'RUN --mount=type=cache,id=case-ro,target=/c,ro touch /c/x || echo read-only > /out'),
  shell(
    'run tmpfs of a size',
    'RUN --mount=type=tmpfs,target=/t,size=1m df -k /t | tail -1 | tr -s " " | cut -d" " -f2 > /out',
  ),
  shell('run secret in a variable', 'RUN --mount=type=secret,id=none,env=S echo "[${S-unset}]" > /out'),
  shell('run ssh without one', 'RUN --mount=type=ssh echo "[${SSH_AUTH_SOCK-unset}]" > /out'),
  shell('run ssh required fails', 'RUN --mount=type=ssh,required true'),
  shell(
    'run has files of its own for names',
    'RUN cat /etc/hosts > /hosts; cat /etc/hostname; echo mine > /etc/hostname; (echo >> /etc/hosts) || echo ro > /ro',
  ),
  shell('run sees', 'RUN hostname > /h; id -u >> /h; pwd >> /h; ls /dev/shm; test -w /proc/self/comm; umask >> /h'),
  shell('run on the network of the host fails', 'RUN --network=host true'),
  shell('run files of deleted directories', 'RUN mkdir /d && touch /d/x', 'RUN rm -r /d && mkdir /d && touch /d/y'),
  shell(
    'run files that become others',
    'RUN mkdir /d && touch /f',
    'RUN rm -r /d /f && touch /d && mkdir /f && ln -s f /l',
    'RUN rm /l && mkdir /l',
  ),
]
