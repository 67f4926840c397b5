/** A real edge as a process of its own, as `tonearm edge` runs it, on a free port. */
import { join } from 'node:path';
import { ChildProgram } from '#sim/processes/child-program';

const EDGE_MAIN = join(import.meta.dirname, '..', '..', 'cloud-bridge', 'app', 'edge', 'main.ts');
/** It ends with whoever has started it, also where that is killed. */
const FOLLOW_PARENT = join(import.meta.dirname, '..', 'household', 'follow-parent.mjs');
const READY_WITHIN_MS = 20_000;

export interface EdgeProcessOptions {
  readonly origin: string;
  readonly cacheFolder: string;
  /** Any that is free, unless said otherwise. */
  readonly port?: number;
  readonly args?: readonly string[];
  /** How many files and sockets it may have open; what this process may, unless said otherwise. */
  readonly openFiles?: number;
  /** What its own objects may take; a share of the machine's memory, unless said otherwise. */
  readonly heapMb?: number;
}

export class EdgeProcess {
  readonly program: ChildProgram;
  #url = '';

  private constructor(program: ChildProgram) {
    this.program = program;
  }

  static async start(options: EdgeProcessOptions): Promise<EdgeProcess> {
    const args = [
      ...(options.heapMb === undefined ? [] : [`--max-old-space-size=${options.heapMb}`]),
      ...['--import', FOLLOW_PARENT, EDGE_MAIN],
      ...[
        '--origin',
        options.origin,
        '--cache',
        options.cacheFolder,
        '--port',
        String(options.port ?? 0),
        '--host',
        '127.0.0.1',
      ],
      ...(options.args ?? []),
    ];
    const limit = `ulimit -n ${options.openFiles}; exec "$0" "$@"`;
    const program =
      options.openFiles === undefined
        ? new ChildProgram('edge', process.execPath, args, { isTold: true })
        : new ChildProgram('edge', '/bin/sh', ['-c', limit, process.execPath, ...args], { isTold: true });
    const edge = new EdgeProcess(program);
    try {
      const ready = await program.waitForEvent('edge.ready', READY_WITHIN_MS);
      edge.#url = String(ready['url']);
      return edge;
    } catch (thrown) {
      await program.stop();
      throw thrown;
    }
  }

  get url(): string {
    return this.#url;
  }

  get pid(): number {
    return this.program.pid;
  }

  get port(): number {
    return Number(new URL(this.#url).port);
  }

  /** A value of `/metrics` by its whole name with labels; 0 when it is not there. */
  async metric(name: string): Promise<number> {
    const answer = await fetch(`${this.#url}/metrics`);
    const line = (await answer.text()).split('\n').find((it) => it.startsWith(`${name} `));
    return Number(line?.slice(name.length + 1) ?? 0);
  }

  stop(): Promise<void> {
    return this.program.stop();
  }
}
