/** The node-speaker sink against its port, as far as a device that is written to blindly can keep to it; skipped by name unless it is built. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNodeSpeakerSink } from '#device/adapters/node-speaker-sink/node-speaker-sink';
import type { AudioSink } from '#device/core/ports/audio-sink';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { frames, hz, type Ms, ms } from '#protocol/vocabulary/units';
import { missingForPulseaudio, PrivatePulseaudio } from '#sim/processes/private-pulseaudio';
import { describeAudioSink } from './audio-sink.suite.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const ADDON = path.join(ROOT, '.build', 'addons', `${process.platform}-${process.arch}`, 'speaker.node');
const HOST = path.join(ROOT, 'device', 'app', 'speaker-worker.ts');
const SINK = 'speaker1';
const REQUEST = { rate: hz(48_000), channels: 2, latency: ms(100), sampleBits: 16 } as const;
/** What its process and device hold beyond what it can take back, and a busy machine's lateness. */
const TOLERANCE_FRAMES = 4_000;
const LOST_WITHIN_MS = 10_000;
/** A hundred thousand writes, a third of an hour of music, leaked 37 MB as published. */
const GROWTH_BYTES_MAX = 15_000_000;
const WRITE_OFTEN = `
const holder = { exports: {} };
process.dlopen(holder, process.argv[1]);
const speaker = holder.exports;
const handle = speaker.open(2, 48000, speaker.MPG123_ENC_SIGNED_16, 'null');
const block = new Uint8Array(400);
const write = async (times) => {
  for (let time = 0; time < times; time += 1) await speaker.write(handle, block);
  globalThis.gc();
  return process.memoryUsage.rss();
};
write(20_000).then(async (before) => console.log((await write(100_000)) - before));
`;
const execute = promisify(execFile);
const clock = createSystemClock();

const unbuilt = 'node firmware-scripts/bundle/build-speaker-addon.ts has not been run';
const missing = existsSync(ADDON) ? missingForPulseaudio() : unbuilt;

function pass(time: Ms): Promise<void> {
  return new Promise((resolve) => clock.setTimer('test', time, resolve));
}

function create(device: string, hostPath = HOST): AudioSink {
  return createNodeSpeakerSink(clock, { root: ROOT, hostPath, device });
}

describe.skipIf(missing !== null)(`node-speaker${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
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

  describeAudioSink('node-speaker over PulseAudio', async () => ({
    sink: create(SINK),
    pass,
    toleranceFrames: TOLERANCE_FRAMES,
    stop: async () => {},
  }));

  it('is heard', async () => {
    const recorder = await pulse.record(SINK);
    const sink = create(SINK);
    expect(await sink.open(REQUEST, { lost: () => {} })).toMatchObject({ ok: true });
    let written = 0;
    while (written < 24_000) {
      written += sink.write(new Int16Array(960).fill(5_000), frames(480));
      await pass(ms(5));
    }
    await sink.drain();
    await recorder.waitFrames(9_600);
    await sink.close();
    const { samples } = await recorder.stop();
    const heard = samples.reduce((count, sample) => count + (sample === 5_000 ? 1 : 0), 0) / 2;
    expect(heard).toBeGreaterThan(written - 1_000);
    expect(heard).toBeLessThanOrEqual(written);
  });

  it('has an addon that keeps nothing of what it wrote', async () => {
    const { stdout } = await execute(process.execPath, ['--expose-gc', '-e', WRITE_OFTEN, ADDON]);
    expect(Number(stdout)).toBeLessThan(GROWTH_BYTES_MAX);
  });

  it('says why a device does not open, and stays alive', async () => {
    const outcome = await create('no-such-device').open(REQUEST, { lost: () => {} });
    expect(outcome).toMatchObject({ ok: false, error: { code: 'sink.unavailable' } });
    expect(outcome.ok ? '' : outcome.error.message).toMatch(/"no-such-device".*cannot open device/s);
  });

  it(
    'is lost when its process crashes, and nothing else is',
    async () => {
      const sink = create(SINK);
      const lost = new Promise<string>((resolve) => {
        void sink.open(REQUEST, { lost: (error) => resolve(error.message) }).then(() => {
          sink.write(new Int16Array(960), frames(480));
          for (const child of hostsOf(process.pid)) process.kill(child, 'SIGSEGV');
        });
      });
      expect(await lost).toMatch(/SIGSEGV/);
      expect(sink.writableFrames()).toBe(0);
      expect(await sink.open(REQUEST, { lost: () => {} })).toMatchObject({ ok: true });
      await sink.close();
      expect(hostsOf(process.pid)).toEqual([]);
    },
    LOST_WITHIN_MS,
  );
});

/** Children of a process that play for it. */
function hostsOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isHost(name, pid))
    .map(Number);
}

function isHost(name: string, parent: number): boolean {
  try {
    const afterName = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1];
    const isChild = afterName?.split(' ')[1] === String(parent);
    return isChild && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('speaker-worker');
  } catch {
    // It ended meanwhile.
    return false;
  }
}
