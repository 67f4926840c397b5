/**
 * Another mDNS implementation on the same machine, to see whether it sees us: avahi from Debian on a message bus of its
 * own, so that nothing of the machine's is needed or changed. Needs root (avahi binds its runtime folder).
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ChildProgram } from './child-program.ts';

const execute = promisify(execFile);
const ANSWER_WITHIN_MS = 10_000;

export interface BrowsedService {
  readonly name: string;
  readonly type: string;
  readonly port: number;
  readonly txt: string;
}

/** Null when it can run here, else what is missing. */
export function missingForAvahi(): string | null {
  const missing = ['avahi-daemon', 'avahi-browse', 'dbus-daemon'].filter(
    (program) => spawnSync('which', [program]).status !== 0,
  );
  if (missing.length > 0) return `missing ${missing.join(', ')}: apt-get install avahi-daemon avahi-utils dbus`;
  return process.getuid?.() === 0 ? null : 'avahi-daemon of our own needs root';
}

export class PrivateAvahi {
  readonly #folder: string;
  readonly #programs: readonly ChildProgram[];
  readonly #env: Record<string, string>;

  private constructor(folder: string, programs: readonly ChildProgram[], env: Record<string, string>) {
    this.#folder = folder;
    this.#programs = programs;
    this.#env = env;
  }

  /** Uses a daemon that already runs on the machine, else starts one. */
  static async start(): Promise<PrivateAvahi> {
    const folder = await mkdtemp(join(tmpdir(), 'tonearm-avahi-'));
    if (spawnSync('avahi-daemon', ['--check']).status === 0) return new PrivateAvahi(folder, [], {});
    const address = `unix:path=${join(folder, 'bus')}`;
    await writeFile(join(folder, 'bus.conf'), busConfiguration(address));
    const bus = new ChildProgram('dbus', 'dbus-daemon', [
      `--config-file=${join(folder, 'bus.conf')}`,
      '--nofork',
      '--print-address',
    ]);
    await bus.waitForLine(/unix:path=/, ANSWER_WITHIN_MS);
    const env = { DBUS_SYSTEM_BUS_ADDRESS: address };
    const daemon = new ChildProgram('avahi', 'avahi-daemon', ['--no-drop-root', '--no-chroot', '--no-rlimits'], {
      env,
    });
    await daemon.waitForLine(/Server startup complete/, ANSWER_WITHIN_MS);
    return new PrivateAvahi(folder, [daemon, bus], env);
  }

  /** What `avahi-browse` resolves of that type now, each name once. */
  async browse(type: string): Promise<BrowsedService[]> {
    const { stdout } = await execute('avahi-browse', ['-rtp', type], {
      env: { ...process.env, ...this.#env },
      timeout: ANSWER_WITHIN_MS,
    });
    const found = new Map<string, BrowsedService>();
    for (const line of stdout.split('\n')) {
      const fields = line.split(';');
      if (fields[0] !== '=') continue;
      const name = unescapeName(fields[3] ?? '');
      found.set(name, { name, type: fields[4] ?? '', port: Number(fields[8]), txt: fields[9] ?? '' });
    }
    return [...found.values()];
  }

  /** Browses again and again until `holds`; what a network carries arrives when it does. */
  async browseUntil(
    type: string,
    holds: (found: readonly BrowsedService[]) => boolean,
    withinMs: number,
  ): Promise<BrowsedService[]> {
    const giveUpAt = performance.now() + withinMs;
    for (;;) {
      const found = await this.browse(type);
      if (holds(found)) return found;
      if (performance.now() > giveUpAt) throw new Error(`avahi sees ${JSON.stringify(found)} after ${withinMs} ms`);
    }
  }

  async stop(): Promise<void> {
    for (const program of this.#programs) await program.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** `Living\032room` → `Living room`; avahi-browse escapes bytes in decimal. */
function unescapeName(text: string): string {
  const raw = text
    .replace(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replace(/\\(.)/g, '$1');
  return Buffer.from(raw, 'latin1').toString('utf8');
}

function busConfiguration(address: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>${address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    <allow user="*"/>
  </policy>
</busconfig>
`;
}
