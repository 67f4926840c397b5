/** What a capturing loudspeaker says it heard must be what was played, to the frame, at any volume. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frames, us } from '#protocol/vocabulary/units';
import { codedDecoders, encodeCodedPacket, PACKET_FRAMES, SETTLING_PACKETS } from './coded-packet.ts';
import { PRE_SKIP_FRAMES } from './coded-track.ts';
import { HeardSound } from './heard-sound.ts';

interface Piece {
  readonly track: number;
  readonly fromFrames: number;
  readonly countFrames: number;
}

/** Samples of a piece of a track as a speaker would put them out. */
function soundOf({ track, fromFrames, countFrames }: Piece, gain: number): Int16Array {
  const decoder = codedDecoders.create();
  const out = new Float32Array(5_760 * 2);
  const samples = new Int16Array(countFrames * 2);
  const first = Math.floor((fromFrames + PRE_SKIP_FRAMES) / PACKET_FRAMES);
  for (let packet = Math.max(0, first - SETTLING_PACKETS); packet < first; packet += 1) {
    decoder.decode(encodeCodedPacket({ track, packet }), out);
  }
  let decoded = -1;
  for (let frame = 0; frame < countFrames; frame += 1) {
    const stream = fromFrames + frame + PRE_SKIP_FRAMES;
    const packet = Math.floor(stream / PACKET_FRAMES);
    if (packet !== decoded) decoder.decode(encodeCodedPacket({ track, packet }), out);
    decoded = packet;
    for (const channel of [0, 1]) {
      samples[frame * 2 + channel] = Math.round((out[(stream % PACKET_FRAMES) * 2 + channel] ?? 0) * gain * 32_768);
    }
  }
  return samples;
}

function hear(sound: HeardSound, piece: Piece, gain = 1): void {
  sound.hear(soundOf(piece, gain), 0, piece.countFrames, us(0));
}

const placeOf = ({ track, fromFrames, atSinkFrame, countFrames }: ReturnType<HeardSound['runs']>[number]) => ({
  track,
  fromFrames,
  atSinkFrame,
  countFrames,
});

describe('HeardSound', () => {
  it('reads back any piece between silences to the frame, at any volume', () => {
    const pieces = fc.record({
      track: fc.integer({ min: 1, max: 65_535 }),
      fromFrames: fc.nat(400_000),
      countFrames: fc.integer({ min: 3 * PACKET_FRAMES, max: 6 * PACKET_FRAMES }),
    });
    const gains = fc.double({ min: 0.001, max: 1, noNaN: true });
    fc.assert(
      fc.property(pieces, gains, fc.integer({ min: 1, max: 5_000 }), (piece, gain, silence) => {
        const sound = new HeardSound();
        sound.hearSilence(silence);
        hear(sound, piece, gain);
        sound.hearSilence(1);
        expect(sound.runs().map(placeOf)).toEqual([{ ...piece, atSinkFrame: silence }]);
      }),
      { numRuns: 60 },
    );
  });

  it('tells a gapless join from one that lost or repeated a single frame', () => {
    const end = 5 * PACKET_FRAMES + 77;
    const joined = (lastFrames: number) => {
      const sound = new HeardSound();
      hear(sound, { track: 1, fromFrames: 0, countFrames: lastFrames });
      hear(sound, { track: 2, fromFrames: 0, countFrames: 4 * PACKET_FRAMES });
      sound.hearSilence(1);
      return sound.runs().map(({ track, fromFrames, countFrames }) => [track, fromFrames, fromFrames + countFrames]);
    };
    expect(joined(end)).toEqual([
      [1, 0, end],
      [2, 0, 4 * PACKET_FRAMES],
    ]);
    expect(joined(end - 1)[0]).toEqual([1, 0, end - 1]);
  });

  it('begins a new run where a frame is missing in the middle', () => {
    const sound = new HeardSound();
    hear(sound, { track: 7, fromFrames: 0, countFrames: 4_000 });
    hear(sound, { track: 7, fromFrames: 4_001, countFrames: 4_000 });
    expect(sound.runs()).toHaveLength(2);
  });

  it('hears nothing in silence', () => {
    const sound = new HeardSound();
    sound.hear(new Int16Array(2_000), 0, 1_000, us(0));
    expect([sound.runs(), sound.lastAudibleUs, sound.sinkFrames]).toEqual([[], null, frames(1_000)]);
  });

  it('counts what a decoder gives out that was entered within a track and had not settled', () => {
    const decoder = codedDecoders.create();
    const out = new Float32Array(5_760 * 2);
    const heard = new HeardSound();
    for (let packet = 100; packet < 100 + 2 * SETTLING_PACKETS; packet += 1) {
      decoder.decode(encodeCodedPacket({ track: 3, packet }), out);
      const samples = Int16Array.from(out.subarray(0, PACKET_FRAMES * 2), (sample) => Math.round(sample * 32_767));
      heard.hear(samples, 0, PACKET_FRAMES, us(packet * 20_000));
    }
    expect(heard.unsettledPackets).toBe(SETTLING_PACKETS);
    expect(heard.runs().at(-1)).toMatchObject({ track: 3 });
  });
});
