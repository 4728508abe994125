import type { Case } from './case.ts'

const files = { 'trigger.txt': 'from the context\n', 'a.txt': 'a\n' }

/** Stages, bases, and what they hand on. */
export const stageCases: readonly Case[] = [
  {
    name: 'copy from a stage',
    lines: [
      'FROM case-base AS one',
      'RUN mkdir -p /o/p && echo 1 > /o/p/f && chown -R 5:6 /o',
      'FROM scratch',
      'COPY --from=one /o /o',
      'COPY --from=0 /o/p/f /f',
    ],
  },
  {
    name: 'copy from an image',
    lines: ['FROM scratch', 'COPY --from=case-base /etc /etc', 'COPY --from=case-base --chown=1:2 /etc/passwd /p'],
  },
  {
    name: 'copy from a stage with links',
    lines: [
      'FROM case-base AS one',
      'RUN mkdir /d && echo x > /d/f && ln -s d /l && ln -s /d/f /a && ln -s ../../../d/f /d/u',
      'FROM scratch',
      'COPY --from=one /l /x',
      'COPY --from=one /a /y',
      'COPY --from=one /d/u /z',
      'COPY --from=one /l/f /w',
    ],
  },
  {
    name: 'copy from globs',
    lines: [
      'FROM case-base AS one',
      'RUN mkdir -p /s/a1 /s/a2 /s/b && touch /s/a1/x /s/a2/y /s/b/z',
      'FROM scratch',
      'COPY --from=one /s/a* /t/',
    ],
    files,
  },
  {
    name: 'stage on stage',
    lines: [
      'FROM case-base AS one',
      'ENV A=1',
      'WORKDIR /w',
      'CMD ["one"]',
      'LABEL l=1',
      'FROM one AS two',
      'RUN pwd > /out',
      'FROM two',
      'LABEL l=2',
      'ENTRYPOINT ["e"]',
    ],
  },
  { name: 'stage names', lines: ['FROM case-base AS Upper', 'LABEL a=1', 'FROM upper', 'LABEL b=2'] },
  {
    name: 'target',
    lines: ['FROM case-base AS one', 'LABEL n=1', 'FROM case-base AS two', 'RUN exit 1'],
    target: 'one',
  },
  {
    name: 'target by number fails',
    lines: ['FROM case-base', 'LABEL n=0', 'FROM case-base', 'LABEL n=1'],
    target: '0',
  },
  { name: 'target missing fails', lines: ['FROM scratch AS one'], target: 'none' },
  {
    name: 'unused stages are not built',
    lines: ['FROM case-base AS bad', 'RUN exit 1', 'FROM case-base', 'RUN echo fine > /out'],
  },
  { name: 'triggers', lines: ['FROM case-triggers', 'RUN echo after > /pub/after', 'LABEL keep=mine'], files },
  { name: 'triggers with arguments', lines: ['FROM case-triggers'], files, args: { INHERITED: 'given' } },
  {
    name: 'triggers are not handed on',
    lines: ['FROM case-triggers AS one', 'FROM one', 'RUN id -u > /pub/user'],
    files,
  },
  {
    name: 'triggers of a stage',
    lines: ['FROM case-base AS one', 'ONBUILD ENV T=1', 'ONBUILD RUN echo $T > /t', 'FROM one'],
    files,
  },
  { name: 'base config', lines: ['FROM case-triggers', 'CMD ["mine"]', 'USER root', 'HEALTHCHECK NONE'], files },
  { name: 'base entrypoint', lines: ['FROM case-triggers', 'ENTRYPOINT ["/mine"]'], files },
  { name: 'from platform', lines: ['FROM --platform=$BUILDPLATFORM case-base', 'LABEL a=b'] },
  { name: 'from a stage of later fails', lines: ['FROM scratch', 'COPY --from=later /x /x', 'FROM scratch AS later'] },
  { name: 'copy from itself fails', lines: ['FROM scratch AS me', 'COPY --from=me /x /x'] },
  {
    name: 'copy from a variable fails',
    lines: ['ARG S=one', 'FROM scratch AS one', 'FROM scratch', 'COPY --from=$S /x /x'],
  },
  { name: 'only config', lines: ['FROM case-base', 'ENV X=1'] },
  { name: 'nothing at all', lines: ['FROM case-base'] },
]
