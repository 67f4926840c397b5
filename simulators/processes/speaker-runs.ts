/** The speaker's program started again and again on one folder of its own, with whatever words; what still runs is ended at the end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '..', '..', 'device', 'app', 'main.ts');

export class SpeakerRuns {
  /** Everything that is kept lies in it. */
  readonly folder: string;
  /** The speaker's own. */
  readonly data: string;
  readonly #started: ChildProcess[] = [];

  constructor(name: string) {
    this.folder = mkdtempSync(join(tmpdir(), `tonearm-${name}-`));
    this.data = join(this.folder, 'data');
    mkdirSync(join(this.folder, 'runtime'));
  }

  /** Not announced, and heard by nobody. */
  run(words: readonly string[], settings: Readonly<Record<string, string>> = {}): ChildProcess {
    const env = { ...process.env, XDG_RUNTIME_DIR: join(this.folder, 'runtime'), ...settings };
    const args = [MAIN, ...words, '--data', this.data, '--sink', 'virtual', '--no-mdns'];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#started.push(child);
    return child;
  }

  async stop(): Promise<void> {
    for (const child of this.#started.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(this.folder, { recursive: true });
  }
}
