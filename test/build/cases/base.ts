import type { Case } from './case.ts'

/** The image that the cases stand on; busybox is added to its context. */
export const base: Case = {
  name: 'base',
  lines: [
    'FROM scratch',
    'COPY busybox /bin/busybox',
    'RUN ["/bin/busybox", "--install", "-s", "/bin"]',
    'COPY <<passwd <<group /etc/',
    'root:x:0:0:root:/root:/bin/sh',
    'alice:x:1000:1000::/home/alice:/bin/sh',
    'passwd',
    'root:x:0:',
    'alice:x:1000:',
    'staff:x:50:alice',
    'group',
    'ENV PATH=/bin',
    'ENV FROM_BASE=yes',
    'CMD ["sh"]',
  ],
}

/** What a stage with triggers leaves to those who build on it. */
export const triggers: Case = {
  name: 'triggers',
  lines: [
    'FROM case-base',
    'ARG INHERITED=no',
    'ONBUILD ARG INHERITED=trigger',
    'ONBUILD RUN echo "$INHERITED" > /pub/triggered',
    'ONBUILD COPY --chown=alice trigger.txt /from-trigger',
    'ONBUILD ENV TRIGGERED=1',
    'RUN mkdir -m 777 /pub',
    'WORKDIR /base/dir',
    'USER alice',
    'LABEL from=base keep=base',
    'VOLUME /base/volume',
    'EXPOSE 1000',
    'ENTRYPOINT ["/bin/echo"]',
    'CMD ["from", "base"]',
    'HEALTHCHECK --interval=5s CMD true',
    'STOPSIGNAL SIGINT',
  ],
}
