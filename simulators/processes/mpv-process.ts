/** mpv from Debian as the peer of benches: idle, without windows, spoken to over its JSON socket. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChildProgram } from './child-program.ts';

const READY_WITHIN_MS = 10_000;
const ANSWER_WITHIN_MS = 10_000;
const DIAL_EVERY_MS = 20;

export function missingForMpv(): string | null {
  return spawnSync('which', ['mpv']).status === 0 ? null : 'missing mpv: apt-get install mpv';
}

export function mpvVersion(): string {
  return /^mpv ([\d.]+)/.exec(spawnSync('mpv', ['--version'], { encoding: 'utf8' }).stdout)?.[1] ?? 'unknown';
}

export class MpvProcess {
  readonly program: ChildProgram;
  readonly #folder: string;
  readonly #socket: Socket;
  #heard = '';
  #asked = 0;

  private constructor(program: ChildProgram, folder: string, socket: Socket) {
    this.program = program;
    this.#folder = folder;
    this.#socket = socket;
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.#heard += text;
    });
    socket.on('error', () => {});
  }

  /** @param args of its output and whatever else is wished for */
  static async start(args: readonly string[], env: Readonly<Record<string, string>>): Promise<MpvProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'tonearm-mpv-'));
    const path = join(folder, 'control');
    const own = ['--no-config', '--idle=yes', '--no-terminal', '--no-video', '--vo=null', `--input-ipc-server=${path}`];
    const program = new ChildProgram('mpv', 'mpv', [...own, ...args], { env });
    try {
      return new MpvProcess(program, folder, await dial(path));
    } catch (thrown) {
      await program.stop();
      await rm(folder, { recursive: true, force: true });
      throw thrown;
    }
  }

  /** @throws when it says anything but success */
  async command(...words: readonly (string | number | boolean)[]): Promise<void> {
    this.#asked += 1;
    const answer = new RegExp(`^.*"request_id":${this.#asked},?.*$`, 'm');
    this.#heard = '';
    this.#socket.write(`${JSON.stringify({ command: words, request_id: this.#asked })}\n`);
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    for (;;) {
      const line = answer.exec(this.#heard)?.[0];
      if (line?.includes('"error":"success"') === true) return;
      if (line !== undefined) throw new Error(`mpv says ${line} to ${words.join(' ')}`);
      await once(this.#socket, 'data', { signal });
    }
  }

  async stop(): Promise<void> {
    this.#socket.destroy();
    await this.program.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function dial(path: string): Promise<Socket> {
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  while (performance.now() < giveUpAt) {
    const socket = connect(path);
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    if (isOpen) return socket;
    await new Promise((resolve) => setTimeout(resolve, DIAL_EVERY_MS));
  }
  throw new Error('mpv does not open its socket');
}
