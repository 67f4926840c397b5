/** What every sink must keep to: the contract of `device/core/ports/audio-sink.ts` as tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AudioSink, AudioSinkGrant } from '#device/core/ports/audio-sink';
import { FRAMES_PER_SECOND, type Frames, frames, hz, type Ms, ms } from '#protocol/vocabulary/units';

const LATENCY = ms(100);
const CHANNELS = 2;

export interface SinkUnderTest {
  readonly sink: AudioSink;
  /** Lets that much of the sink's time pass. */
  pass(time: Ms): Promise<void>;
  /** How far the device's idea of time may be off: 0 for a model, a few periods for hardware. */
  readonly toleranceFrames: number;
  stop(): Promise<void>;
}

export function describeAudioSink(name: string, create: () => Promise<SinkUnderTest>): void {
  describe(`audio sink: ${name}`, () => {
    let under: SinkUnderTest;

    beforeEach(async () => {
      under = await create();
    });

    afterEach(async () => {
      await under.sink.close();
      await under.stop();
    });

    const open = async (): Promise<AudioSinkGrant> => {
      const opening = under.sink.open(REQUEST, { lost: () => {} });
      await under.pass(ms(50));
      const outcome = await opening;
      if (!outcome.ok) throw outcome.error;
      return outcome.value;
    };

    /** Writes until `count` frames are taken or no more are. */
    const write = (count: number): number => {
      let taken = 0;
      for (let tries = 0; tries < 100 && taken < count; tries += 1) {
        const room = Math.min(under.sink.writableFrames(), count - taken, FRAMES_PER_SECOND / 10);
        const now = room === 0 ? 0 : under.sink.write(tone(room), frames(room));
        if (now === 0) break;
        taken += now;
      }
      return taken;
    };

    it('does nothing before it is opened, and nothing after it is closed', async () => {
      const isShut = (): void => {
        expect(under.sink.writableFrames()).toBe(0);
        expect(under.sink.write(tone(10), frames(10))).toBe(0);
        expect(under.sink.delay().delayFrames).toBe(0);
        expect(under.sink.rewind(frames(10))).toBe(0);
        expect(under.sink.drop()).toBe(0);
      };
      isShut();
      await under.sink.drain();
      await open();
      write(1_000);
      await under.sink.close();
      await under.sink.close();
      isShut();
      await under.sink.drain();
    });

    it('grants what was asked, with room for about the latency', async () => {
      const grant = await open();
      expect(grant.rate).toBe(FRAMES_PER_SECOND);
      expect(grant.channels).toBe(CHANNELS);
      expect(grant.bufferFrames).toBeGreaterThanOrEqual(2_400);
      expect(grant.bufferFrames).toBeLessThanOrEqual(9_600);
      expect(grant.periodFrames).toBeLessThanOrEqual(grant.bufferFrames / 2);
      expect(under.sink.writableFrames()).toBe(grant.bufferFrames);
    });

    it('takes no more than it has room for, and no sound twice', async () => {
      const grant = await open();
      expect(write(grant.bufferFrames * 3)).toBeLessThanOrEqual(grant.bufferFrames + under.toleranceFrames);
      expect(under.sink.writableFrames()).toBeLessThanOrEqual(under.toleranceFrames);
    });

    it('plays in real time', async () => {
      const grant = await open();
      const written = write(grant.bufferFrames);
      await under.pass(ms(50));
      const { delayFrames } = under.sink.delay();
      expect(Math.abs(written - delayFrames - 2_400)).toBeLessThanOrEqual(under.toleranceFrames + 1);
    });

    it('says how much is not heard yet, never more than was written', async () => {
      const grant = await open();
      const written = write(grant.bufferFrames);
      expect(under.sink.delay().delayFrames).toBeLessThanOrEqual(written);
      expect(under.sink.delay().delayFrames).toBeGreaterThan(written / 2);
    });

    it('throws away what is not heard, and says how much', async () => {
      const grant = await open();
      const written = write(grant.bufferFrames);
      await under.pass(ms(20));
      const dropped = under.sink.drop();
      expect(dropped).toBeGreaterThan(0);
      expect(Math.abs(written - dropped - 960)).toBeLessThanOrEqual(under.toleranceFrames + 1);
      expect(under.sink.delay().delayFrames).toBe(0);
      expect(under.sink.writableFrames()).toBe(grant.bufferFrames);
      expect(write(1_000)).toBe(1_000);
    });

    it('gives back what is not heard yet if it said so, never more than was asked or waits, and says how much', async () => {
      const grant = await open();
      const written = write(grant.bufferFrames);
      await under.pass(ms(20));
      const before = under.sink.delay().delayFrames;
      const some = under.sink.rewind(frames(480));
      expect(some > 0).toBe(grant.canRewind);
      expect(some).toBeLessThanOrEqual(480);
      const rest = under.sink.rewind(frames(10 * written));
      const waiting = under.sink.delay().delayFrames;
      expect(some + rest).toBeLessThanOrEqual(before);
      expect(Math.abs(before - some - rest - waiting)).toBeLessThanOrEqual(under.toleranceFrames + 1);
      // Most of it: a change must not have to wait for a buffer.
      if (grant.canRewind) expect(waiting).toBeLessThanOrEqual(REWIND_REACH_FRAMES + under.toleranceFrames);
      expect(Math.abs(grant.bufferFrames - waiting - under.sink.writableFrames())).toBeLessThanOrEqual(
        under.toleranceFrames + 1,
      );
    });

    it('goes on without a break with what is written in the place of what it gave back', async () => {
      const grant = await open();
      const written = write(grant.bufferFrames);
      await under.pass(ms(20));
      const back = under.sink.rewind(frames(written));
      const again = write(3_840);
      if (grant.canRewind) expect(again).toBe(3_840);
      await under.pass(ms(30));
      const { delayFrames } = under.sink.delay();
      expect(Math.abs(written - back + again - delayFrames - 2_400)).toBeLessThanOrEqual(under.toleranceFrames + 1);
      expect(under.sink.underruns()).toBe(0);
    });

    it('gives nothing back that was heard, dropped or never written', async () => {
      const grant = await open();
      expect(under.sink.rewind(frames(1_000))).toBe(0);
      write(grant.bufferFrames);
      under.sink.drop();
      expect(under.sink.rewind(frames(1_000))).toBe(0);
      write(1_000);
      const drained = under.sink.drain();
      await under.pass(ms(1_000 / 48 + DRAIN_SLACK_MS));
      await drained;
      expect(under.sink.rewind(frames(1_000))).toBe(0);
    });

    it('plays out when told to, which is no underrun', async () => {
      await open();
      const written = write(4_000);
      let isDrained = false;
      const drained = under.sink.drain().then(() => {
        isDrained = true;
      });
      await under.pass(ms(10));
      expect(isDrained).toBe(false);
      await under.pass(ms((written * 1000) / FRAMES_PER_SECOND + DRAIN_SLACK_MS));
      await drained;
      expect(under.sink.delay().delayFrames).toBe(0);
      await under.pass(ms(100));
      expect(write(1_000)).toBe(1_000);
      expect(under.sink.underruns()).toBe(0);
    });

    it('counts running dry, and goes on after it', async () => {
      await open();
      write(2_000);
      await under.pass(ms(400));
      expect(write(2_000)).toBe(2_000);
      expect(under.sink.underruns()).toBe(1);
    });

    it('lets nobody wait when it is closed while it plays out', async () => {
      await open();
      write(4_000);
      const drained = under.sink.drain();
      await under.sink.close();
      await drained;
    });

    it('opens again after a close, with an empty device', async () => {
      const grant = await open();
      write(4_000);
      await under.sink.close();
      await open();
      expect(under.sink.writableFrames()).toBe(grant.bufferFrames);
      expect(under.sink.underruns()).toBe(0);
    });
  });
}

const REQUEST = { rate: hz(FRAMES_PER_SECOND), channels: CHANNELS, latency: LATENCY, sampleBits: 16 } as const;
/** What may stay out of a rewind's reach: 10 ms. */
const REWIND_REACH_FRAMES = 480;
/** Looking whether a device is empty happens every now and then. */
const DRAIN_SLACK_MS = 150;

function tone(count: number | Frames): Int16Array {
  return new Int16Array(count * CHANNELS).map((_, index) => Math.round(Math.sin(index / 20) * 3_000));
}
