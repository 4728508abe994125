import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One process that sends one file for every blob, by sendfile(2): the bytes never come into the process. */
const configuration = (directory: string, port: number, file: string): string => `
daemon off;
master_process off;
pid ${directory}/nginx.pid;
events {}
http {
  access_log off;
  sendfile on;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  server {
    listen 127.0.0.1:${port};
    location = /v2/ { return 200; }
    location ~ /blobs/ { root /; try_files ${file} =404; }
  }
}
`

export const nginx = async (port: number, directory: string, file: string): Promise<readonly string[]> => {
  const config = join(directory, 'nginx.conf')
  await writeFile(config, configuration(directory, port, file))
  return ['nginx', '-e', 'stderr', '-p', directory, '-c', config]
}
