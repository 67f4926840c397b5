/** The main thread of a Node process from outside, through its inspector: to make it stall without a line of its code. */
import { once } from 'node:events';
import { WebSocket } from 'ws';

const ANSWER_WITHIN_MS = 20_000;
const DIAL_EVERY_MS = 50;

export class InspectedThread {
  readonly #socket: WebSocket;
  #asked = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('error', () => {});
  }

  /** @param port of `--inspect=127.0.0.1:PORT` */
  static async connect(port: number): Promise<InspectedThread> {
    const giveUpAt = performance.now() + ANSWER_WITHIN_MS;
    for (;;) {
      const url = await debuggerUrlOf(port).catch(() => undefined);
      if (url !== undefined) {
        const socket = new WebSocket(url);
        await once(socket, 'open', { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
        return new InspectedThread(socket);
      }
      if (performance.now() > giveUpAt) throw new Error(`nobody can be inspected at port ${port}`);
      await new Promise((resolve) => setTimeout(resolve, DIAL_EVERY_MS));
    }
  }

  /** Keeps it from doing anything else for so long; resolves when it is free again. */
  async block(durationMs: number): Promise<void> {
    this.#asked += 1;
    const expression = `{ const until = performance.now() + ${durationMs}; while (performance.now() < until); }`;
    this.#socket.send(JSON.stringify({ id: this.#asked, method: 'Runtime.evaluate', params: { expression } }));
    const signal = AbortSignal.timeout(durationMs + ANSWER_WITHIN_MS);
    for (;;) {
      const [data] = (await once(this.#socket, 'message', { signal })) as [Buffer];
      if ((JSON.parse(data.toString()) as { readonly id?: number }).id === this.#asked) return;
    }
  }

  close(): void {
    this.#socket.terminate();
  }
}

async function debuggerUrlOf(port: number): Promise<string | undefined> {
  const answer = await fetch(`http://127.0.0.1:${port}/json/list`);
  const [target] = (await answer.json()) as readonly { readonly webSocketDebuggerUrl?: string }[];
  return target?.webSocketDebuggerUrl;
}
