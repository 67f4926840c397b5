/**
 * The sinks of our addons against their port: a real libasound and a real libpulse playing into a private PulseAudio;
 * named as skipped where that is missing.
 */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNativeSink } from '#device/adapters/native-sink/native-sink';
import { loadSinkAddon } from '#device/adapters/native-sink/sink-addon';
import type { SampleBits } from '#device/core/ports/audio-sink';
import { createSystemClock } from '#protocol/adapters/system-clock';
import type { TonearmError } from '#protocol/vocabulary/errors';
import { frames, hz, type Ms, ms } from '#protocol/vocabulary/units';
import { missingForPulseaudio, PrivatePulseaudio } from '#sim/processes/private-pulseaudio';
import { describeAudioSink } from './audio-sink.suite.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const SINK = 'suite1';
const REQUEST = { rate: hz(48_000), channels: 2, latency: ms(100), sampleBits: 16 } as const;
/** ALSA's plug-in for a sound server takes a second buffer of its own at the start, and a busy machine is late. */
const ALSA_TOLERANCE_FRAMES = 5_000;
/** A sound server renders a few ms ahead and starts with its next block; a busy machine is late. */
const PULSE_TOLERANCE_FRAMES = 1_500;
const clock = createSystemClock();

function pass(time: Ms): Promise<void> {
  return new Promise((resolve) => clock.setTimer('test', time, resolve));
}

function missingFor(kind: 'alsa' | 'pulse'): string | null {
  const addon = loadSinkAddon(ROOT, kind);
  return missingForPulseaudio() ?? (addon.ok ? null : addon.error.message);
}

describe.each(['alsa', 'pulse'] as const)('the %s sink', (kind) => {
  const missing = missingFor(kind);

  describe.skipIf(missing !== null)(`played${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
    let pulse: PrivatePulseaudio;
    let giveBack = (): void => {};

    beforeAll(async () => {
      pulse = await PrivatePulseaudio.start([{ name: SINK }]);
      giveBack = pulse.lendEnvironment();
    });

    afterAll(async () => {
      await pulse.stop();
      giveBack();
    });

    describeAudioSink(`${kind} over PulseAudio`, async () => ({
      sink: createNativeSink(clock, ROOT, kind, SINK),
      pass,
      toleranceFrames: kind === 'alsa' ? ALSA_TOLERANCE_FRAMES : PULSE_TOLERANCE_FRAMES,
      stop: async () => {},
    }));

    it('says in words why a device does not open', async () => {
      const sink = createNativeSink(clock, ROOT, kind, 'no-such-device');
      const outcome = await sink.open(REQUEST, { lost: () => {} });
      expect(outcome.ok ? null : outcome.error.code).toBe('sink.unavailable');
      const words = /"no-such-device": cannot (open it: No such file|play on it: No such entity)/;
      expect(outcome.ok ? '' : outcome.error.message).toMatch(words);
    });

    it.each([16, 24, 32] as const)('takes samples of %i bits', async (sampleBits: SampleBits) => {
      const sink = createNativeSink(clock, ROOT, kind, SINK);
      const outcome = await sink.open({ ...REQUEST, sampleBits }, { lost: () => {} });
      expect(outcome.ok && outcome.value.sampleBits).toBe(sampleBits);
      const samples = sampleBits === 16 ? new Int16Array(960) : new Int32Array(960);
      expect(sink.write(samples, frames(480))).toBe(480);
      await sink.close();
    });

    it('is closed while it opens without leaving a device behind', async () => {
      const sink = createNativeSink(clock, ROOT, kind, SINK);
      const opening = sink.open(REQUEST, { lost: () => {} });
      await sink.close();
      expect(await opening).toMatchObject({ ok: false, error: { code: 'sink.unavailable' } });
      expect(sink.writableFrames()).toBe(0);
    });

    it('says that the device is gone, once, and can be opened when it is back', async () => {
      const lost: TonearmError[] = [];
      const sink = createNativeSink(clock, ROOT, kind, SINK);
      await sink.open(REQUEST, { lost: (error) => lost.push(error) });
      await pulse.stop();
      for (let tries = 0; tries < 200 && lost.length === 0; tries += 1) {
        sink.write(new Int16Array(960), frames(480));
        await pass(ms(10));
      }
      expect(lost.map((error) => error.code)).toEqual(['sink.lost']);
      expect(sink.writableFrames()).toBe(0);
      await sink.close();
      expect(lost).toHaveLength(1);
    });
  });
});

describe.skipIf(missingFor('alsa') !== null)('ALSA', () => {
  it('says that a null device makes no sound', async () => {
    const sink = createNativeSink(clock, ROOT, 'alsa', 'null');
    const outcome = await sink.open(REQUEST, { lost: () => {} });
    expect(outcome.ok && outcome.value.problem?.message).toMatch(/null device/);
    await sink.close();
  });
});
