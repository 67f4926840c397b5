/** A bridge for crowds: the real program, with room for their sockets, and a phone that is signed in at it. */
import { HouseholdProcesses } from '#sim/processes/household-processes';
import { memoryOfTree } from '../process-memory.ts';

export class CrowdBridge {
  readonly #house: HouseholdProcesses;
  /** Of the header `Authorization`; empty where nobody has to sign in. */
  readonly authorization: string = '';

  private constructor(house: HouseholdProcesses) {
    this.#house = house;
  }

  static async start(): Promise<CrowdBridge> {
    const house = await HouseholdProcesses.create();
    try {
      await house.startBridge();
    } catch (thrown) {
      await house.stop();
      throw thrown;
    }
    return new CrowdBridge(house);
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
    await this.#house.startBridge();
  }

  async stop(): Promise<void> {
    await this.#house.stop();
  }
}
