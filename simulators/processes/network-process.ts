/** `tonearm simulate network` as a process of its own, so that what it does is not done by who measures, told by its control. */
import { join } from 'node:path';
import type { ConditionsChange } from '#sim/proxy/conditions';
import type { NetworkState } from '#sim/proxy/simulated-network';
import { ChildProgram } from './child-program.ts';

const MAIN = join(import.meta.dirname, '..', 'command-line', 'main.ts');
const READY_WITHIN_MS = 20_000;
const LOOPBACK = '127.0.0.1';

export class NetworkProcess {
  readonly port: number;
  readonly #control: string;
  readonly #program: ChildProgram;

  private constructor(port: number, control: string, program: ChildProgram) {
    this.port = port;
    this.#control = control;
    this.#program = program;
  }

  /** @param args of the command, beyond where it listens and leads, e.g. `--profile hotel-wifi` */
  static async start(toPort: number, args: readonly string[] = []): Promise<NetworkProcess> {
    const program = new ChildProgram('network', process.execPath, [
      ...[MAIN, 'network', '--listen', `${LOOPBACK}:0`, '--to', `${LOOPBACK}:${toPort}`, '--control', '0'],
      ...args,
    ]);
    try {
      const way = await program.waitForLine(/ -> /, READY_WITHIN_MS);
      const control = await program.waitForLine(/^control /, READY_WITHIN_MS);
      const port = Number(/:(\d+) -> /.exec(way)?.[1]);
      return new NetworkProcess(port, control.slice('control '.length), program);
    } catch (thrown) {
      await program.stop();
      throw thrown;
    }
  }

  get url(): string {
    return `http://${LOOPBACK}:${this.port}`;
  }

  async state(): Promise<NetworkState> {
    return (await (await fetch(`${this.#control}/state`)).json()) as NetworkState;
  }

  /** Resolves when it is so. */
  change(conditions: ConditionsChange): Promise<unknown> {
    return this.order('PUT', '/conditions', conditions);
  }

  /** @throws what was answered, unless it was done */
  async order(method: 'PUT' | 'POST', path: string, body: unknown = {}): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${this.#control}${path}`, { method, headers, body: JSON.stringify(body) });
    const told = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(told)}`);
    return told;
  }

  stop(): Promise<void> {
    return this.#program.stop();
  }
}
