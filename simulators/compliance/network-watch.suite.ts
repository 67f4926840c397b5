/** What every network watch must keep to: the contract of `device/core/ports/network-watch.ts` as tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NetworkWatch } from '#device/core/ports/network-watch';

export interface WatchedMachine {
  readonly watch: NetworkWatch;
  /** The machine has this address, and no other. */
  readdress(address: string): void;
  /** Long enough for a change to be noticed. */
  pass(): Promise<void>;
  stop(): Promise<void>;
}

export function describeNetworkWatch(name: string, create: () => Promise<WatchedMachine>): void {
  describe(`network watch: ${name}`, () => {
    let machine: WatchedMachine;
    beforeEach(async () => {
      machine = await create();
    });
    afterEach(() => machine.stop());

    it('tells each change once, and nothing else', async () => {
      let changes = 0;
      const watching = machine.watch.watch(() => {
        changes += 1;
      });
      await machine.pass();
      expect(changes).toBe(0);
      machine.readdress('10.0.0.7');
      await machine.pass();
      await machine.pass();
      expect(changes).toBe(1);
      machine.readdress('192.168.1.7');
      await machine.pass();
      expect(changes).toBe(2);
      watching.stop();
    });

    it('tells nothing after it was stopped', async () => {
      let changes = 0;
      const watching = machine.watch.watch(() => {
        changes += 1;
      });
      watching.stop();
      watching.stop();
      machine.readdress('10.0.0.7');
      await machine.pass();
      expect(changes).toBe(0);
    });
  });
}
