/** A real nginx, unprivileged and in a folder of its own: as an edge by our configuration, or as a peer that serves files. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChildProgram } from '#sim/processes/child-program';
import { freePort } from '#sim/processes/free-port';

const NGINX = '/usr/sbin/nginx';
const TEMPLATE = join(import.meta.dirname, '..', '..', 'cloud-bridge', 'adapters', 'nginx-edge', 'tonearm-edge.conf');
const READY_WITHIN_MS = 10_000;

/** Why there can be no nginx here; null when there can. */
export function missingForNginx(): string | null {
  return existsSync(NGINX) ? null : `there is no ${NGINX} (apt-get install nginx)`;
}

export class NginxProcess {
  readonly url: string;
  readonly #folder: string;
  readonly #program: ChildProgram;

  private constructor(url: string, folder: string, program: ChildProgram) {
    this.url = url;
    this.#folder = folder;
    this.#program = program;
  }

  /** The edge as the template has it. */
  static async startEdge(originPort: number): Promise<NginxProcess> {
    const template = await readFile(TEMPLATE, 'utf8');
    return NginxProcess.#start((port, folder) =>
      template
        .replaceAll(/^#.*$/gm, '')
        .replaceAll('@ORIGIN@', `127.0.0.1:${originPort}`)
        .replaceAll('@LISTEN@', `127.0.0.1:${port}`)
        .replaceAll('@CACHE@', join(folder, 'cache'))
        .replaceAll('@SIZE@', '64m')
        .replaceAll('@HEADS_SIZE@', '16m'),
    );
  }

  /** A plain server of the files in a folder: what nginx is best at. */
  static startStatic(root: string): Promise<NginxProcess> {
    return NginxProcess.#start(
      (port) => `server {
        listen 127.0.0.1:${port};
        root ${root};
        keepalive_requests 100000000;
        open_file_cache max=1000;
        location = /healthz { return 200; }
      }`,
    );
  }

  static async #start(serverConf: (port: number, folder: string) => string): Promise<NginxProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'tonearm-nginx-'));
    const port = await freePort();
    await mkdir(join(folder, 'cache'));
    const temps = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    );
    const conf = `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log warn;
      ${process.getuid?.() === 0 ? 'user root;' : ''}
      events { worker_connections 4096; }
      http { access_log off; sendfile on; tcp_nopush on; ${temps.join(' ')}
      ${serverConf(port, folder)} }`;
    const path = join(folder, 'nginx.conf');
    await writeFile(path, conf);
    const program = new ChildProgram('nginx', NGINX, ['-p', folder, '-e', join(folder, 'error.log'), '-c', path]);
    const nginx = new NginxProcess(`http://127.0.0.1:${port}`, folder, program);
    try {
      await nginx.#untilAnswering();
      return nginx;
    } catch (thrown) {
      await nginx.stop();
      throw thrown;
    }
  }

  async stop(): Promise<void> {
    await this.#program.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #untilAnswering(): Promise<void> {
    const giveUpAt = performance.now() + READY_WITHIN_MS;
    while (performance.now() < giveUpAt && this.#program.exitCode === undefined) {
      const answer = await fetch(`${this.url}/healthz`).catch(() => undefined);
      await answer?.arrayBuffer();
      if (answer?.status === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const log = await readFile(join(this.#folder, 'error.log'), 'utf8').catch(() => '');
    throw new Error(`nginx does not answer\n${this.#program.output()}\n${log}`);
  }
}
