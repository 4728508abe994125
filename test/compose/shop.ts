/** The files of a small project that has about everything a compose file can say. `subnet`: `10.200.7`, a /24 of its own. */
export const shopFiles = (subnet: string): Readonly<Record<string, string>> => ({
  'compose.yaml': `
name: shop
services:
  web:
    build: {context: web, args: {GREETING: servus}, labels: {built.by: compose, a: b}}
    image: shop-web
    init: true
    stop_grace_period: 0s
    ports: ['127.0.0.1:\${SHOP_PORT}:80']
    depends_on:
      db: {condition: service_healthy, restart: true}
      once: {condition: service_completed_successfully}
    networks: {front: {aliases: [site]}, back: {ipv4_address: ${subnet}.77}}
    secrets: [plain, {source: told, target: /run/told, mode: 0440}]
    configs:
      - {source: file, target: /etc/from-file}
      - {source: told, target: /etc/told}
      - {source: inline, target: /etc/inline, mode: 0400}
    extra_hosts: ['elsewhere:192.0.2.1']
    deploy: {resources: {limits: {memory: 64M, cpus: '0.5', pids: 50}}}
    restart: unless-stopped
  db:
    image: busybox
    init: true
    command: [sh, -c, 'echo starting; touch /tmp/ready; exec sleep 1000000']
    healthcheck: {test: [CMD, test, -f, /tmp/ready], interval: 1s, start_period: 60s, start_interval: 200ms, retries: 60}
    stop_grace_period: 0s
    networks: [back]
    read_only: true
    tmpfs: [/tmp]
    volumes:
      - 'data:/data'
      - {type: tmpfs, target: /scratch, tmpfs: {size: 1048576, mode: 0700}}
      - {type: bind, source: ./made, target: /made, bind: {create_host_path: true}}
  once: {image: busybox, command: [echo, migrated], network_mode: none}
  worker: {image: busybox, init: true, command: [sleep, '1000000'], stop_grace_period: 0s, networks: [back]}
  tool: {image: busybox, profiles: [tools], command: [echo, tool], network_mode: none}
networks:
  front: {}
  back: {internal: true, ipam: {config: [{subnet: ${subnet}.0/24}]}}
volumes: {data: {labels: {kind: goods}}}
secrets: {plain: {file: secret.txt}, told: {environment: SHOP_SECRET}}
configs: {file: {file: config.txt}, told: {environment: SHOP_SECRET}, inline: {content: "colour \${COLOUR:-red}\\n"}}
`,
  'web/Dockerfile': `FROM busybox
ARG GREETING=hello
COPY page /www/
RUN echo $GREETING > /www/greeting
LABEL own=label
CMD ["httpd", "-f", "-h", "/www"]
`,
  'web/page': 'page\n',
  'secret.txt': 's3cret\n',
  'config.txt': 'from a file\n',
})
