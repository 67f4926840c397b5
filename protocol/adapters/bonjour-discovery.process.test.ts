import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '#protocol/kit/silent-logger';
import type { FoundService } from '#protocol/ports/discovery';
import { createBonjourDiscovery } from './bonjour-discovery.ts';
import { createSystemClock } from './system-clock.ts';

const hasNetwork = Object.values(networkInterfaces()).some((list) => list?.some((address) => !address.internal));

/** On the real network of this machine: the policy is tested in virtual time, this is whether the binding carries it. */
describe.skipIf(!hasNetwork)('mDNS by bonjour-service', () => {
  it('announces under a name of its own, is found, and is lost after its goodbye', async () => {
    const clock = createSystemClock();
    const [first, second, third] = [0, 1, 2].map(() => createBonjourDiscovery(clock, silentLogger));
    if (first === undefined || second === undefined || third === undefined) throw new Error('three were made');
    const type = 'tonearm-test';
    const wanted = `Test ${process.pid}`;
    const found = new Map<string, FoundService>();
    let wake: () => void = () => undefined;
    const until = async (condition: () => boolean) => {
      while (!condition()) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    third.browse(type, {
      found: (service) => {
        found.set(service.name, service);
        wake();
      },
      lost: (name) => {
        found.delete(name);
        wake();
      },
    });
    const announce = (discovery: typeof first, port: number) =>
      new Promise<string>((announced, failed) => {
        const description = { type, name: wanted, port, txt: { txtvers: '1', id: `id-${port}` } };
        discovery.advertise(description, { announced, failed: (reason) => failed(new Error(reason)) }).start();
      });
    try {
      expect(await announce(first, 40_001)).toBe(wanted);
      expect(await announce(second, 40_002)).toBe(`${wanted} (2)`);
      await until(() => found.has(wanted) && found.has(`${wanted} (2)`));
      expect(found.get(`${wanted} (2)`)).toMatchObject({ type, port: 40_002, txt: { txtvers: '1', id: 'id-40002' } });
      expect(found.get(wanted)?.addresses[0]).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
      await second.close();
      await until(() => !found.has(`${wanted} (2)`));
      expect(found.has(wanted)).toBe(true);
    } finally {
      await Promise.all([first.close(), second.close(), third.close()]);
    }
  });
});
