/** MPD's control protocol over one open connection, as its clients keep it: no program is started for a command. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const ANSWER_WITHIN_MS = 10_000;

export class MpdClient {
  readonly #socket: Socket;
  #heard = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.#heard += text;
    });
    socket.on('error', () => {});
  }

  static async connect(port: number): Promise<MpdClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect', { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    const client = new MpdClient(socket);
    await client.#answer();
    return client;
  }

  /** @returns what it says before its OK @throws with what it says instead of one */
  async command(line: string): Promise<string> {
    this.#heard = '';
    this.#socket.write(`${line}\n`);
    return await this.#answer();
  }

  close(): void {
    this.#socket.destroy();
  }

  async #answer(): Promise<string> {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    for (;;) {
      if (/^ACK .*\n/m.test(this.#heard)) throw new Error(`mpd says ${this.#heard.trim()}`);
      if (/^OK.*\n/m.test(this.#heard)) return this.#heard;
      await once(this.#socket, 'data', { signal });
    }
  }
}
