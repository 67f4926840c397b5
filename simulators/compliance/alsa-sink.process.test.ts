/** The ALSA sink against its port, with a real libasound playing into a private PulseAudio; named as skipped where that is missing. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAlsaAddon } from '#device/adapters/alsa-sink/alsa-addon';
import { createAlsaSink } from '#device/adapters/alsa-sink/alsa-sink';
import { createSystemClock } from '#protocol/adapters/system-clock';
import type { TonearmError } from '#protocol/vocabulary/errors';
import { frames, hz, type Ms, ms } from '#protocol/vocabulary/units';
import { missingForPulseaudio, PrivatePulseaudio } from '#sim/processes/private-pulseaudio';
import { describeAudioSink } from './audio-sink.suite.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const SINK = 'suite1';
const REQUEST = { rate: hz(48_000), channels: 2, latency: ms(100), sampleBits: 16 } as const;
/** A sound server takes a second buffer of its own at the start, and a busy machine is late. */
const TOLERANCE_FRAMES = 5_000;
const clock = createSystemClock();

function pass(time: Ms): Promise<void> {
  return new Promise((resolve) => clock.setTimer('test', time, resolve));
}

const addon = loadAlsaAddon(ROOT);
const missing = missingForPulseaudio() ?? (addon.ok ? null : addon.error.message);

describe.skipIf(missing !== null)(`ALSA${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let pulse: PrivatePulseaudio;
  const before = new Map<string, string | undefined>();

  beforeAll(async () => {
    pulse = await PrivatePulseaudio.start([{ name: SINK }]);
    for (const [name, value] of Object.entries(pulse.environment())) {
      before.set(name, process.env[name]);
      process.env[name] = value;
    }
  });

  afterAll(async () => {
    await pulse.stop();
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  describeAudioSink('ALSA over PulseAudio', async () => ({
    sink: createAlsaSink(clock, ROOT, SINK),
    pass,
    toleranceFrames: TOLERANCE_FRAMES,
    stop: async () => {},
  }));

  it('says in words why a device does not open', async () => {
    const sink = createAlsaSink(clock, ROOT, 'no-such-device');
    const outcome = await sink.open(REQUEST, { lost: () => {} });
    expect(outcome.ok ? null : outcome.error.code).toBe('sink.unavailable');
    expect(outcome.ok ? '' : outcome.error.message).toMatch(/"no-such-device": cannot open it: No such file/);
  });

  it('says that a null device makes no sound', async () => {
    const sink = createAlsaSink(clock, ROOT, 'null');
    const outcome = await sink.open(REQUEST, { lost: () => {} });
    expect(outcome.ok && outcome.value.problem?.message).toMatch(/null device/);
    await sink.close();
  });

  it('says that the device is gone, once, and can be opened when it is back', async () => {
    const lost: TonearmError[] = [];
    const sink = createAlsaSink(clock, ROOT, SINK);
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
