/**
 * Loudspeakers without hardware: a PulseAudio of our own whose null sinks consume sound in real time, and recorders on
 * their monitors. Nothing of the machine's own sound is touched: own runtime folder, own socket, no default configuration.
 *
 * `norewinds=1` because with rewinds a block already handed over could still be rewritten, and a recording would then
 * not be what was played.
 */
import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ChildProgram } from './child-program.ts';
import { Recorder } from './recorder.ts';

const execute = promisify(execFile);
const START_WITHIN_MS = 10_000;

export interface NullSink {
  readonly name: string;
}

/** Whether the programs this needs are on the machine, else the Debian packages that bring them. */
export function missingForPulseaudio(): string | null {
  const missing = ['pulseaudio', 'pactl', 'parec'].filter((program) => spawnSync('which', [program]).status !== 0);
  return missing.length === 0
    ? null
    : `missing ${missing.join(', ')}: apt-get install pulseaudio pulseaudio-utils libasound2-plugins`;
}

export class PrivatePulseaudio {
  readonly #folder: string;
  readonly #sinks: readonly NullSink[];
  #server: ChildProgram;

  private constructor(folder: string, sinks: readonly NullSink[]) {
    this.#folder = folder;
    this.#sinks = sinks;
    this.#server = runServer(folder, sinks);
  }

  static async start(sinks: readonly NullSink[]): Promise<PrivatePulseaudio> {
    const folder = await mkdtemp(join(tmpdir(), 'tonearm-pulse-'));
    await chmod(folder, 0o700);
    await mkdir(join(folder, 'home'));
    await writeFile(join(folder, 'asound.conf'), alsaConfiguration(sinks));
    const pulse = new PrivatePulseaudio(folder, sinks);
    await pulse.#untilAnswering();
    return pulse;
  }

  /** What a program needs in its environment to play into these sinks through ALSA: `alsa:SINK`. */
  environment(): Record<string, string> {
    return environmentIn(this.#folder);
  }

  /** Makes this process, and what it starts, play into these sinks. @returns puts its environment back */
  lendEnvironment(): () => void {
    const before = new Map<string, string | undefined>();
    for (const [name, value] of Object.entries(this.environment())) {
      before.set(name, process.env[name]);
      process.env[name] = value;
    }
    return () => {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    };
  }

  /** Records a sink's monitor until stopped; resolves when the first samples have arrived. */
  async record(sink: string): Promise<Recorder> {
    const recorder = new Recorder(`${sink}.monitor`, this.environment());
    await recorder.untilRunning();
    return recorder;
  }

  /** As when a sound card is unplugged. */
  async unloadSink(sink: string): Promise<void> {
    const { stdout } = await this.#pactl(['list', 'short', 'modules']);
    const line = stdout.split('\n').find((it) => it.includes(`sink_name=${sink} `));
    if (line === undefined) throw new Error(`no such sink: ${sink}`);
    await this.#pactl(['unload-module', line.split('\t')[0] ?? '']);
  }

  async loadSink(sink: string): Promise<void> {
    await this.#pactl([
      'load-module',
      'module-null-sink',
      `sink_name=${sink}`,
      'rate=48000',
      'channels=2',
      'norewinds=1',
    ]);
  }

  /** As when it crashes: no goodbye to anybody. */
  async kill(): Promise<void> {
    this.#server.kill('SIGKILL');
    await this.#server.waitForExit(START_WITHIN_MS);
  }

  /** After `kill`, in the same place with the same sinks. */
  async startAgain(): Promise<void> {
    this.#server = runServer(this.#folder, this.#sinks);
    await this.#untilAnswering();
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #pactl(args: readonly string[]): Promise<{ stdout: string }> {
    return execute('pactl', args, { env: { ...process.env, ...this.environment() }, timeout: START_WITHIN_MS });
  }

  /** PulseAudio says nothing when it is up, so it is asked until it answers. */
  async #untilAnswering(): Promise<void> {
    const giveUpAt = Date.now() + START_WITHIN_MS;
    for (;;) {
      try {
        await this.#pactl(['info']);
        return;
      } catch (error) {
        if (Date.now() > giveUpAt || this.#server.exitCode !== undefined) {
          throw new Error(`pulseaudio does not answer\n${this.#server.output()}`, { cause: error });
        }
      }
    }
  }
}

function runServer(folder: string, sinks: readonly NullSink[]): ChildProgram {
  return new ChildProgram(
    'pulseaudio',
    'pulseaudio',
    [
      '-n',
      '--daemonize=no',
      '--exit-idle-time=-1',
      '--use-pid-file=no',
      '--disable-shm=yes',
      '--load=module-native-protocol-unix auth-anonymous=1',
      ...sinks.map((sink) => `--load=module-null-sink sink_name=${sink.name} rate=48000 channels=2 norewinds=1`),
    ],
    { env: environmentIn(folder) },
  );
}

function environmentIn(folder: string): Record<string, string> {
  return {
    XDG_RUNTIME_DIR: folder,
    HOME: join(folder, 'home'),
    PULSE_SERVER: `unix:${join(folder, 'pulse', 'native')}`,
    ALSA_CONFIG_PATH: join(folder, 'asound.conf'),
  };
}

function alsaConfiguration(sinks: readonly NullSink[]): string {
  const pcms = sinks.map(({ name }) => `pcm.${name} { type pulse device ${name} }`);
  return ['</usr/share/alsa/alsa.conf>', ...pcms, ''].join('\n');
}
