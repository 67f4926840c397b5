/** A far edge as a process of its own, so that what it does is not done by who measures. */
import { join } from 'node:path';
import { ChildProgram } from './child-program.ts';
import type { FarEdgeSettings } from './far-edge/far-edge-settings.ts';
import { freePort } from './free-port.ts';
import { monotonicOffsetMs } from './monotonic.ts';

const PROGRAM = join(import.meta.dirname, 'far-edge.ts');
const READY_WITHIN_MS = 10_000;
const TOLD_WITHIN_MS = 5_000;

/** What a traced way tells of. */
export interface Passing {
  readonly event: 'asked' | 'answered' | 'commanded';
  readonly path?: string;
}

export class FarEdgeProcess {
  readonly port: number;
  readonly #program: ChildProgram;
  #serial = 0;

  private constructor(port: number, program: ChildProgram) {
    this.port = port;
    this.#program = program;
  }

  /** @param at port to listen on; any that is free, unless said otherwise */
  static async start(
    targetPort: number,
    settings: Partial<FarEdgeSettings> = {},
    at: number | null = null,
  ): Promise<FarEdgeProcess> {
    const port = at ?? (await freePort());
    const args = [PROGRAM, String(port), String(targetPort), JSON.stringify(settings)];
    const program = new ChildProgram('far-edge', process.execPath, args, { isTold: true });
    try {
      await program.waitForEvent('far-edge.ready', READY_WITHIN_MS);
      return new FarEdgeProcess(port, program);
    } catch (thrown) {
      await program.stop();
      throw thrown;
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Resolves when it is so. */
  async set(settings: Partial<FarEdgeSettings>): Promise<void> {
    this.#serial += 1;
    const serial = this.#serial;
    this.#program.tell(JSON.stringify({ serial, ...settings }));
    await this.#program.waitForEvent('far-edge.set', TOLD_WITHIN_MS, (it) => it['serial'] === serial);
  }

  /**
   * Resets connections that are in the middle of an answer, now and then, until so many were.
   * @returns how many were, fewer when there was not enough to reset in that time
   */
  async resetBusy(times: number, everyMs: number, withinMs: number): Promise<number> {
    const giveUpAt = performance.now() + withinMs;
    let cut = 0;
    while (cut < times && performance.now() < giveUpAt) {
      this.#serial += 1;
      const serial = this.#serial;
      this.#program.tell(JSON.stringify({ serial, reset: true }));
      const event = await this.#program.waitForEvent('far-edge.reset', TOLD_WITHIN_MS, (it) => it['serial'] === serial);
      cut += Number(event['cut']);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
    return cut;
  }

  /**
   * The first event of that name after `afterMs`, about a path that begins so.
   * @returns when it was; as `afterMs`, on `performance.now()` of this process
   */
  async passed(what: Passing, afterMs: number, withinMs: number): Promise<number> {
    const offsetMs = monotonicOffsetMs();
    const event = await this.#program.waitForEvent(
      what.event,
      withinMs,
      (it) => Number(it['atMs']) - offsetMs > afterMs && String(it['path'] ?? '').startsWith(what.path ?? ''),
    );
    return Number(event['atMs']) - offsetMs;
  }

  /** Ends it as a power cut does. */
  kill(): void {
    this.#program.kill('SIGKILL');
  }

  stop(): Promise<void> {
    return this.#program.stop();
  }
}
