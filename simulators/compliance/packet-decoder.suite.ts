/** What every packet decoder must keep to: the contract of `device/core/ports/packet-decoder.ts` as tests. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { PacketDecoderFactory } from '#device/core/ports/packet-decoder';

/** The longest packet: 120 ms. */
const OUT_SAMPLES = 5_760 * 2;

/** What a decoder that has lost two packets may be louder by: its prediction goes on from what is not there. */
const LOUDER_MOST = 1.25;
/** It is the same as ever so many packets later, but for a hundredth. */
const SETTLED_AFTER_PACKETS = 10;
const SETTLED_SHARE = 0.01;

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

    it('goes on after a packet that it refuses without a burst, and comes back to what it was', () => {
      const clean = decodeAll(under.packets);
      const loudest = clean.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      const bad = Math.floor(under.packets.length / 3);
      const decoder = under.decoders.create();
      const out = new Float32Array(OUT_SAMPLES);
      let lateError = 0;
      under.packets.forEach((packet, index) => {
        const isBad = index === bad || index === bad + 1;
        const outcome = decoder.decode(isBad ? Uint8Array.of(0xff, 0xff, 0xff) : packet, out);
        expect(outcome.ok).toBe(!isBad);
        if (isBad || index < bad) return;
        for (let at = 0; at < under.packetFrames * 2; at += 1) {
          const sample = out[at] ?? 0;
          expect(Math.abs(sample) <= loudest * LOUDER_MOST).toBe(true);
          const wanted = clean[index * under.packetFrames * 2 + at] ?? 0;
          if (index > bad + SETTLED_AFTER_PACKETS) lateError = Math.max(lateError, Math.abs(sample - wanted));
        }
      });
      decoder.close();
      expect(lateError).toBeLessThan(loudest * SETTLED_SHARE);
    });

    it('is closed twice without harm', () => {
      const decoder = under.decoders.create();
      decoder.close();
      decoder.close();
      expect(under.decoders.name.length).toBeGreaterThan(3);
    });
  });
}
