/**
 * Mosquitto from Debian, the MQTT broker that most houses have, as a process of its own on a free port: with accounts or
 * open to all, on loopback, nothing of the machine's used or changed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChildProgram } from './child-program.ts';
import { freePort } from './free-port.ts';

const UP_WITHIN_MS = 10_000;

/** Null when it can run here, else what is missing. */
export function missingForMosquitto(): string | null {
  const found = spawnSync('mosquitto', ['-h']);
  return found.error === undefined ? null : 'missing mosquitto: apt-get install mosquitto';
}

export class MosquittoProcess {
  readonly port: number;
  readonly #folder: string;
  #program: ChildProgram;

  private constructor(port: number, folder: string, program: ChildProgram) {
    this.port = port;
    this.#folder = folder;
    this.#program = program;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  static async start(): Promise<MosquittoProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'tonearm-mosquitto-'));
    const port = await freePort();
    const lines = [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous true',
      'persistence false',
      'log_dest stderr',
      'log_type all',
      // As root it would take another user's rights, and could not read its folder any more.
      ...(process.getuid?.() === 0 ? ['user root'] : []),
    ];
    writeFileSync(join(folder, 'mosquitto.conf'), `${lines.join('\n')}\n`);
    return new MosquittoProcess(port, folder, await MosquittoProcess.#run(folder));
  }

  /** Ends it; what it had retained is gone. */
  async goDown(): Promise<void> {
    this.#program.kill('SIGKILL');
    await this.#program.waitForExit(UP_WITHIN_MS);
  }

  async comeBack(): Promise<void> {
    this.#program = await MosquittoProcess.#run(this.#folder);
  }

  async stop(): Promise<void> {
    await this.#program.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  static async #run(folder: string): Promise<ChildProgram> {
    const program = new ChildProgram('mosquitto', 'mosquitto', ['-c', join(folder, 'mosquitto.conf')]);
    await program.waitForLine(/mosquitto version .* running/, UP_WITHIN_MS);
    return program;
  }
}
