/** MPD from Debian as the peer of benches: one private instance, its null output unless told otherwise, an empty library, a free port. */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChildProgram } from './child-program.ts';
import { freePort } from './free-port.ts';

export function missingForMpd(): string | null {
  return spawnSync('which', ['mpd']).status === 0 ? null : 'missing mpd: apt-get install mpd';
}

export function mpdVersion(): string {
  return /Daemon ([\d.]+)/.exec(spawnSync('mpd', ['--version'], { encoding: 'utf8' }).stdout)?.[1] ?? 'unknown';
}

export interface MpdOptions {
  /** Lines of its `audio_output` block. */
  readonly output?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const NULL_OUTPUT = ['type "null"', 'name "null"'];

export class MpdProcess {
  readonly program: ChildProgram;
  readonly port: number;
  readonly #folder: string;

  private constructor(program: ChildProgram, port: number, folder: string) {
    this.program = program;
    this.port = port;
    this.#folder = folder;
  }

  /** Spawns it and returns at once; `untilAnswering` says when it is up. */
  static async start({ output = NULL_OUTPUT, env = {} }: MpdOptions = {}): Promise<MpdProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'tonearm-mpd-'));
    const port = await freePort();
    await mkdir(join(folder, 'music'));
    const settings = [
      `music_directory "${join(folder, 'music')}"`,
      `db_file "${join(folder, 'database')}"`,
      `state_file "${join(folder, 'state')}"`,
      'bind_to_address "127.0.0.1"',
      `port "${port}"`,
      'zeroconf_enabled "no"',
      'audio_output {',
      ...output,
      '}',
      '',
    ];
    await writeFile(join(folder, 'mpd.conf'), settings.join('\n'));
    const program = new ChildProgram('mpd', 'mpd', ['--no-daemon', join(folder, 'mpd.conf')], { env });
    return new MpdProcess(program, port, folder);
  }

  /** Resolves when it greets on its control port. */
  async untilAnswering(withinMs: number): Promise<void> {
    await untilGreeted(this.port, /^OK MPD/, withinMs);
  }

  /** Where files that it may play by name are. */
  get musicFolder(): string {
    return join(this.#folder, 'music');
  }

  async stop(): Promise<void> {
    await this.program.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Dials again at once until the server's first bytes match: start-up ends when a client would be served. */
async function untilGreeted(port: number, greeting: RegExp, withinMs: number): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  while (performance.now() < giveUpAt) {
    const heard = await new Promise<string>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' });
      const end = (text: string) => {
        socket.destroy();
        resolve(text);
      };
      socket.once('data', (data) => end(data.toString()));
      socket.once('error', () => setTimeout(end, 1, ''));
    });
    if (greeting.test(heard)) return;
  }
  throw new Error(`nothing greets on port ${port} within ${withinMs} ms`);
}
