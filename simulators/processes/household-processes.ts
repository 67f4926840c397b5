/**
 * A real household for tests and benches: bridge and speakers as the separate processes that users run, on free ports,
 * with their data in a folder of their own that goes away at the end.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChildProgram } from './child-program.ts';
import { RestPhone } from './rest-phone.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const BRIDGE_MAIN = join(ROOT, 'cloud-bridge', 'app', 'main.ts');
const SPEAKER_MAIN = join(ROOT, 'device', 'app', 'main.ts');
/** Process start, migration of an empty store and listening, on a loaded two-core machine. */
const READY_WITHIN_MS = 20_000;

export interface BridgeOptions {
  readonly music?: string;
  /** Default: 0, any free port. Give the old one to restart a bridge in place. */
  readonly port?: number;
  readonly hasMdns?: boolean;
  /** Where it listens; default: for mDNS everywhere, else on the loopback alone. */
  readonly host?: string;
  /** Whether people sign in; default: `open`, nobody is asked. */
  readonly access?: 'required' | 'open';
  /** Network namespace that it lives in; absent: ours. */
  readonly netns?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface SpeakerOptions {
  readonly name: string;
  /** Default: the household's bridge; null leaves it to mDNS. */
  readonly bridge?: string | null;
  readonly sink?: string;
  readonly hasMdns?: boolean;
  /** Network namespace that it lives in; absent: ours. */
  readonly netns?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningSpeaker {
  readonly name: string;
  readonly id: string;
  readonly program: ChildProgram;
}

export class HouseholdProcesses {
  readonly folder: string;
  readonly #programs: ChildProgram[] = [];
  #bridge: ChildProgram | undefined;
  #port = 0;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<HouseholdProcesses> {
    return new HouseholdProcesses(await mkdtemp(join(tmpdir(), 'tonearm-house-')));
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get bridge(): ChildProgram {
    if (this.#bridge === undefined) throw new Error('no bridge was started');
    return this.#bridge;
  }

  phone(): RestPhone {
    return new RestPhone(this.url);
  }

  /** Starts the bridge, or starts it again on the same data and port. Resolves when it listens. */
  async startBridge(options: BridgeOptions = {}): Promise<ChildProgram> {
    const args = [
      BRIDGE_MAIN,
      ...['--data', join(this.folder, 'bridge'), '--name', 'Test bridge'],
      // Who is to be found on the network has to listen on it.
      ...['--host', options.host ?? (options.hasMdns === true ? '0.0.0.0' : '127.0.0.1')],
      ...['--port', String(options.port ?? this.#port), '--access', options.access ?? 'open'],
      ...(options.music === undefined ? [] : ['--music', options.music]),
      ...(options.hasMdns === true ? [] : ['--no-mdns']),
      ...(options.args ?? []),
    ];
    const bridge = this.#run('bridge', args, options.env, options.netns);
    const ready = await bridge.waitForEvent('bridge.ready', READY_WITHIN_MS);
    this.#bridge = bridge;
    this.#port = Number(ready['port']);
    return bridge;
  }

  /** Resolves when the speaker is ready and, where it was given a bridge, connected to it. */
  async startSpeaker(options: SpeakerOptions): Promise<RunningSpeaker> {
    const bridge = options.bridge === undefined ? `ws://127.0.0.1:${this.#port}` : options.bridge;
    const args = [
      SPEAKER_MAIN,
      ...['--data', join(this.folder, `speaker-${options.name}`), '--name', options.name, '--lan-port', '0'],
      ...['--sink', options.sink ?? 'virtual'],
      ...(bridge === null ? [] : ['--bridge', bridge]),
      ...(options.hasMdns === true ? [] : ['--no-mdns']),
      ...(options.args ?? []),
    ];
    const program = this.#run(options.name, args, options.env, options.netns);
    const ready = await program.waitForEvent('speaker.ready', READY_WITHIN_MS);
    if (bridge !== null) await program.waitForEvent('speaker.connected', READY_WITHIN_MS);
    return { name: options.name, id: String(ready['id']), program };
  }

  /** Ends every process and removes their data. */
  async stop(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.stop()));
    await rm(this.folder, { recursive: true, force: true });
  }

  /** What the processes printed, for a failing test's message. */
  output(): string {
    return this.#programs.map((program) => program.output()).join('\n');
  }

  #run(
    label: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    netns: string | null = null,
  ): ChildProgram {
    // `ip` becomes the program, so that a signal to the one is a signal to the other.
    const program =
      netns === null
        ? new ChildProgram(label, process.execPath, args, { env, cwd: ROOT })
        : new ChildProgram(label, 'ip', ['netns', 'exec', netns, process.execPath, ...args], { env, cwd: ROOT });
    this.#programs.push(program);
    return program;
  }
}
