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
  {
    name: 'from a stage of later, where nothing is left, fails',
    lines: ['FROM scratch', 'COPY --from=later /x /x', 'FROM scratch AS later'],
  },
  { name: 'copy from itself fails', lines: ['FROM scratch AS me', 'COPY --from=me /x /x'] },
  {
    name: 'copy from a variable fails',
    lines: ['ARG S=one', 'FROM scratch AS one', 'FROM scratch', 'COPY --from=$S /x /x'],
  },
  {
    name: 'stage twice',
    lines: ['FROM case-base AS a', 'ENV A=1', 'FROM case-base AS a', 'ENV A=2', 'FROM a', 'LABEL a=$A'],
  },
  { name: 'stage of a bad name fails', lines: ['FROM case-base AS 1st'] },
  { name: 'stage of another bad name fails', lines: ['FROM case-base AS a/b'] },
  {
    name: 'stage with the name of an image',
    lines: ['FROM case-base AS case-triggers', 'ENV A=1', 'FROM case-triggers', 'LABEL a=$A'],
  },
  { name: 'stage that stands on itself fails', lines: ['FROM me-of-nowhere.invalid/x AS me-of-nowhere.invalid/x'] },
  {
    name: 'copy from a number of later that nobody needs',
    lines: ['FROM case-base', 'COPY --from=1 /x /x', 'FROM case-base'],
  },
  { name: 'copy from a number of nothing fails', lines: ['FROM case-base', 'COPY --from=7 /x /x'] },
  { name: 'copy from its own number fails', lines: ['FROM case-base', 'COPY --from=0 /x /x'] },
  {
    name: 'copy from a stage of later fails',
    lines: [
      'FROM case-base AS one',
      'COPY --from=two /etc/passwd /x',
      'FROM case-base AS two',
      'LABEL a=b',
      'FROM one',
    ],
  },
  {
    name: 'mount from a stage of later fails',
    lines: ['FROM case-base AS one', 'RUN --mount=from=two,target=/x true', 'FROM case-base AS two', 'FROM one'],
  },
  {
    name: 'stages in a circle fails',
    lines: ['FROM case-base AS one', 'COPY --from=two /x /x', 'FROM case-base AS two', 'COPY --from=one /x /x'],
  },
  { name: 'from a blank name fails', lines: ['ARG N', 'FROM $N'] },
  { name: 'from a bad platform fails', lines: ['FROM --platform=a/b/c/d case-base'] },
  { name: 'from an empty platform fails', lines: ['FROM --platform=$NOTHING case-base'] },
  { name: 'from without anything fails', lines: ['FROM'] },
  { name: 'from of two words fails', lines: ['FROM case-base x'] },
  { name: 'from in small letters', lines: ['from case-base as one', 'env A=1', 'from one', 'label a=$A'] },
  { name: 'only global arguments fails', lines: ['ARG A=1'] },
  { name: 'instruction before from fails', lines: ['ENV A=1', 'FROM case-base'] },
  {
    name: 'trigger that copies from a stage',
    lines: [
      'FROM case-base AS source',
      'RUN echo x > /x',
      'FROM case-base AS base',
      'ONBUILD COPY --from=source /x /y',
      'FROM base',
    ],
  },
  {
    name: 'trigger that mounts a stage',
    lines: [
      'FROM case-base AS source',
      'RUN echo x > /x',
      'FROM case-base AS base',
      'ONBUILD RUN --mount=from=source,target=/m cat /m/x > /y',
      'FROM base',
    ],
  },
  {
    name: 'trigger with a heredoc',
    lines: [
      'FROM case-base AS base',
      'ONBUILD RUN <<EOF',
      'echo one > /out',
      'EOF',
      'ONBUILD COPY <<EOF /file',
      'text',
      'EOF',
      'FROM base',
    ],
  },
  { name: 'trigger of nothing fails', lines: ['FROM case-base', 'ONBUILD'] },
  { name: 'trigger of a maintainer fails', lines: ['FROM case-base', 'ONBUILD MAINTAINER x'] },
  { name: 'trigger of nonsense', lines: ['FROM case-base', 'ONBUILD NONSENSE x'] },
  { name: 'trigger of nonsense used fails', lines: ['FROM case-base AS a', 'ONBUILD NONSENSE x', 'FROM a'] },
  {
    name: 'command of a child',
    lines: ['FROM case-base AS a', 'CMD ["a"]', 'FROM a', 'ENTRYPOINT ["e"]', 'CMD ["c"]', 'ENTRYPOINT ["f"]'],
  },
  { name: 'only config', lines: ['FROM case-base', 'ENV X=1'] },
  { name: 'nothing at all', lines: ['FROM case-base'] },
]
