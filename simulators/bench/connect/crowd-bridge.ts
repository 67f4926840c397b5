/** A bridge for crowds: the real program, with room for their sockets, and a phone that is signed in at it. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { freePort } from '#sim/processes/free-port';
import { HouseholdProcesses } from '#sim/processes/household-processes';
import { memoryOfTree } from '../process-memory.ts';

export class CrowdBridge {
  readonly #house: HouseholdProcesses;
  readonly #tlsPort: number;
  /** Of the header `Authorization`; empty where nobody has to sign in. */
  readonly authorization: string = '';

  private constructor(house: HouseholdProcesses, tlsPort: number) {
    this.#house = house;
    this.#tlsPort = tlsPort;
  }

  static async start(): Promise<CrowdBridge> {
    const house = await HouseholdProcesses.create();
    try {
      const tlsPort = await freePort();
      await house.startBridge({ args: ['--tls-port', String(tlsPort)] });
      return new CrowdBridge(house, tlsPort);
    } catch (thrown) {
      await house.stop();
      throw thrown;
    }
  }

  /** Its port by TLS. */
  get secureUrl(): string {
    return `wss://127.0.0.1:${this.#tlsPort}`;
  }

  /** SHA-256 of its public key, in hexadecimal digits, as pairing would have told it. */
  async pin(): Promise<string> {
    const socket = connect({ port: this.#tlsPort, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const spki = socket.getPeerX509Certificate()?.publicKey.export({ format: 'der', type: 'spki' });
    socket.destroy();
    if (spki === undefined) throw new Error('the bridge shows no certificate');
    return createHash('sha256').update(spki).digest('hex');
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#house.port}`;
  }

  get pid(): number {
    return this.#house.bridge.pid;
  }

  async rssMb(): Promise<number> {
    return (await memoryOfTree(this.pid)).rssMb;
  }

  /** kill -9, and the same bridge again on the same data and port. Resolves when it listens. */
  async killAndRestart(): Promise<void> {
    this.#house.bridge.kill('SIGKILL');
    await this.#house.bridge.waitForExit(5_000);
    await this.#house.startBridge({ args: ['--tls-port', String(this.#tlsPort)] });
  }

  async stop(): Promise<void> {
    await this.#house.stop();
  }
}
