import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '#protocol/kit/silent-logger';
import { createBonjourDiscovery } from './bonjour-discovery.ts';
import { createSystemClock } from './system-clock.ts';

const hasNetwork = Object.values(networkInterfaces()).some((list) => list?.some((address) => !address.internal));
const GROUP = '224.0.0.251';
const PORT = 5_353;

/** Answers of one record whose name or data is not what it says. */
const MALFORMED: readonly Buffer[] = [
  Buffer.alloc(0),
  Buffer.from([0]),
  // A header that promises more records than there are.
  Buffer.from([0, 0, 0x84, 0, 0, 9, 0, 9, 0, 9, 0, 9]),
  // A name that points at itself.
  Buffer.from([0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 9, 0, 2, 0xc0, 12]),
  // A label longer than the packet, and data longer than the packet.
  Buffer.from([0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0x3f, 97, 0, 12, 0, 1, 0, 0, 0, 9]),
  Buffer.from([0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 97, 0, 0, 16, 0, 1, 0, 0, 0, 9, 0xff, 0xff, 1]),
];

/** Fault 17: whatever anybody on the network sends to the group, nothing ends, and who is there is found. */
describe.skipIf(!hasNetwork)('mDNS among malformed packets', () => {
  it('finds and announces as if they had not come', async () => {
    const clock = createSystemClock();
    const [speaker, phone] = [0, 1].map(() => createBonjourDiscovery(clock, silentLogger));
    if (speaker === undefined || phone === undefined) throw new Error('two were made');
    const noise = createSocket({ type: 'udp4', reuseAddr: true });
    const pour = setInterval(() => {
      for (const packet of [...MALFORMED, randomBytes(1 + Math.floor(Math.random() * 400))]) {
        noise.send(packet, PORT, GROUP);
      }
    }, 10);
    const type = 'tonearm-noise';
    const name = `Noise ${process.pid}`;
    try {
      const found = new Promise<string>((resolve) => {
        phone.browse(type, { found: (service) => resolve(service.name), lost: () => undefined });
      });
      const announced = new Promise<string>((resolve, reject) => {
        const description = { type, name, port: 40_003, txt: { txtvers: '1', id: 'noise' } };
        const listener = { announced: resolve, failed: (reason: string) => reject(new Error(reason)) };
        speaker.advertise(description, listener).start();
      });
      expect(await announced).toBe(name);
      expect(await found).toBe(name);
    } finally {
      clearInterval(pour);
      noise.close();
      await Promise.all([speaker.close(), phone.close()]);
    }
  });
});
