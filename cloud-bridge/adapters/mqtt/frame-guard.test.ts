import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameGuard } from './frame-guard.ts';

const MAX = 300;

/** A packet of MQTT: a head, the length in sevens of bits, the body. */
function packet(bodyBytes: number): number[] {
  const length: number[] = [];
  let left = bodyBytes;
  do {
    length.push((left % 128) + (left >= 128 ? 128 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return [0x30, ...length, ...new Array<number>(bodyBytes).fill(0xff)];
}

describe('a guard of MQTT’s frames', () => {
  it('counts packets, however their bytes are cut', () => {
    const sizes = fc.array(fc.nat({ max: MAX }), { maxLength: 10 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 50 }), (bodies, step) => {
        let count = 0;
        const spend = () => {
          count += 1;
          return true;
        };
        const guard = new FrameGuard({ packetBytesMax: MAX, spend });
        const stream = Uint8Array.from(bodies.flatMap(packet));
        for (let at = 0; at < stream.length; at += step) {
          expect(guard.take(stream.subarray(at, at + step))).toBe('fine');
        }
        expect(count).toBe(bodies.length);
      }),
    );
  });

  it('refuses a packet by the length that it announces, before its body comes', () => {
    const guard = new FrameGuard({ packetBytesMax: MAX, spend: () => true });
    expect(guard.take(Uint8Array.from(packet(MAX + 1).slice(0, 3)))).toBe('too-large');
  });

  it('refuses a length that never ends, and more packets than there may be', () => {
    const endless = new FrameGuard({ packetBytesMax: MAX, spend: () => true });
    expect(endless.take(Uint8Array.from([0x30, 0x80, 0x80, 0x80, 0x80]))).toBe('malformed');
    let left = 2;
    const flooded = new FrameGuard({
      packetBytesMax: MAX,
      spend: () => {
        left -= 1;
        return left >= 0;
      },
    });
    expect(flooded.take(Uint8Array.from([...packet(0), ...packet(0)]))).toBe('fine');
    expect(flooded.take(Uint8Array.from(packet(0)))).toBe('too-many');
  });
});
