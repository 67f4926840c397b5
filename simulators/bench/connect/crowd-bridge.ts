/**
 * A bridge for crowds: the real program as a house has it, where the crowd's speakers are paired and its phones sign in,
 * so that what is measured pays for every proof.
 */
import { join } from 'node:path';
import { bridgePin } from '#sim/crowd/bridge-pin';
import { registerCrowd } from '#sim/crowd/register-crowd';
import { freePort } from '#sim/processes/free-port';
import { type BridgeOptions, HouseholdProcesses } from '#sim/processes/household-processes';
import { memoryOfTree } from '../process-memory.ts';
import { ownerToken } from './owner-token.ts';

const WELCOME_WITHIN_MS = 5_000;

export class CrowdBridge {
  readonly #house: HouseholdProcesses;
  readonly #tlsPort: number;
  /** Of the header `Authorization`: the owner's, good for 15 minutes, also after `killAndRestart`. */
  readonly authorization: string;

  private constructor(house: HouseholdProcesses, tlsPort: number, authorization: string) {
    this.#house = house;
    this.#tlsPort = tlsPort;
    this.authorization = authorization;
  }

  /** @param count of the speakers that are paired with it, from number 0 */
  static async start(count: number): Promise<CrowdBridge> {
    const house = await HouseholdProcesses.create();
    try {
      await registerCrowd(join(house.folder, 'bridge'), count);
      const tlsPort = await freePort();
      const bridge = await house.startBridge(optionsWith(tlsPort));
      const { link } = await bridge.waitForEvent('bridge.welcome', WELCOME_WITHIN_MS);
      return new CrowdBridge(house, tlsPort, `Bearer ${await ownerToken(String(link))}`);
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
    return Buffer.from(await bridgePin(this.secureUrl)).toString('hex');
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
    await this.#house.startBridge(optionsWith(this.#tlsPort));
  }

  async stop(): Promise<void> {
    await this.#house.stop();
  }
}

function optionsWith(tlsPort: number): BridgeOptions {
  return { access: 'required', args: ['--tls-port', String(tlsPort)] };
}
