/** What every packet decoder must keep to: the contract of `device/core/ports/packet-decoder.ts` as tests. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { PacketDecoderFactory } from '#device/core/ports/packet-decoder';

/** The longest packet: 120 ms. */
const OUT_SAMPLES = 5_760 * 2;

export interface DecoderUnderTest {
  readonly decoders: PacketDecoderFactory;
  /** A stream from its beginning; each packet decodes to `packetFrames`. */
  readonly packets: readonly Uint8Array[];
  readonly packetFrames: number;
}

export function describePacketDecoder(name: string, create: () => Promise<DecoderUnderTest>): void {
  describe(`packet decoder: ${name}`, () => {
    let under: DecoderUnderTest;

    beforeAll(async () => {
      under = await create();
    });

    const decodeAll = (packets: readonly Uint8Array[]): Float32Array => {
      const decoder = under.decoders.create();
      const all = new Float32Array(packets.length * under.packetFrames * 2);
      const out = new Float32Array(OUT_SAMPLES);
      packets.forEach((packet, index) => {
        expect(decoder.decode(packet, out)).toEqual({ ok: true, value: under.packetFrames });
        all.set(out.subarray(0, under.packetFrames * 2), index * under.packetFrames * 2);
      });
      decoder.close();
      return all;
    };

    it('decodes each packet to its frames, within full scale', () => {
      const samples = decodeAll(under.packets);
      expect(samples.every((sample) => Math.abs(sample) <= 1.01)).toBe(true);
      expect(samples.some((sample) => Math.abs(sample) > 0.01)).toBe(true);
    });

    it('gives the same from the same packets, whatever another decoder of the factory does', () => {
      const first = decodeAll(under.packets);
      const [one, other] = [under.decoders.create(), under.decoders.create()];
      const [out, noise] = [new Float32Array(OUT_SAMPLES), new Float32Array(OUT_SAMPLES)];
      const again = new Float32Array(first.length);
      under.packets.forEach((packet, index) => {
        one.decode(packet, out);
        other.decode(under.packets[under.packets.length - 1 - index] ?? packet, noise);
        again.set(out.subarray(0, under.packetFrames * 2), index * under.packetFrames * 2);
      });
      one.close();
      other.close();
      expect(again).toEqual(first);
    });

    it('refuses what is no packet, and stays usable', () => {
      const decoder = under.decoders.create();
      const out = new Float32Array(OUT_SAMPLES);
      for (const wrong of [new Uint8Array(0), new Uint8Array(70_000).fill(0xff), Uint8Array.of(0xff, 0xff, 0xff)]) {
        const outcome = decoder.decode(wrong, out);
        expect(outcome.ok ? 'decoded' : outcome.error.code).toBe('decode.corrupt-packet');
      }
      const [packet] = under.packets;
      expect(decoder.decode(packet ?? new Uint8Array(0), out)).toEqual({ ok: true, value: under.packetFrames });
      decoder.close();
    });

    it('is closed twice without harm', () => {
      const decoder = under.decoders.create();
      decoder.close();
      decoder.close();
      expect(under.decoders.name.length).toBeGreaterThan(3);
    });
  });
}
