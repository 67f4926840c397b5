/**
 * What is taken back from a sound server is not heard, and what is written in its place is, to the frame: a recorder hears
 * the server's loudspeaker, and each frame says which one it is (left) and of which writing (right).
 */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNativeSink } from '#device/adapters/native-sink/native-sink';
import { loadSinkAddon } from '#device/adapters/native-sink/sink-addon';
import type { AudioSink } from '#device/core/ports/audio-sink';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { frames, hz, ms } from '#protocol/vocabulary/units';
import { missingForPulseaudio, PrivatePulseaudio } from '#sim/processes/private-pulseaudio';
import type { Recording } from '#sim/processes/recorder';

const ROOT = path.join(import.meta.dirname, '..', '..');
const SINK = 'rewound';
const LATENCY_FRAMES = 9_600;
const REQUEST = { rate: hz(48_000), channels: 2, latency: ms(200), sampleBits: 16 } as const;
const WRITES_EVERY_MS = ms(10);
const ROUNDS = 10;
/** Values of the left channel repeat after these. */
const NUMBERS = 30_000;
/** Who is held up for longer than this comes too late for what he takes back: such a run is void and done again. */
const HELD_UP_MS_MAX = 3;
const RUNS_MAX = 8;
/** Of what nothing is written in the place of, this much may still be heard: silence is written a moment later. */
const SILENT_WITHIN_FRAMES = 240;
/** 6.5 ms on a quiet machine; a busy one runs the recorder late. */
const HEARD_WITHIN_MS_MAX = 60;
const clock = createSystemClock();

const addon = loadSinkAddon(ROOT, 'pulse');
const missing = missingForPulseaudio() ?? (addon.ok ? null : addon.error.message);

/** Frames `from` to `to` of the writing `mark`. */
function numbered(from: number, to: number, mark: number): Int16Array {
  const samples = new Int16Array((to - from) * 2);
  for (let frame = from; frame < to; frame += 1) {
    samples[(frame - from) * 2] = (frame % NUMBERS) + 1;
    samples[(frame - from) * 2 + 1] = mark;
  }
  return samples;
}

class Player {
  written = 0;
  mark = 1;
  readonly #sink: AudioSink;
  #heldUpMs = 0;

  constructor(sink: AudioSink) {
    this.#sink = sink;
  }

  fill(): void {
    const room = this.#sink.writableFrames();
    if (room > 0) this.written += this.#sink.write(numbered(this.written, this.written + room, this.mark), room);
  }

  async playFor(time: number): Promise<void> {
    for (let passed = 0; passed < time; passed += WRITES_EVERY_MS) {
      this.fill();
      await this.wait();
    }
  }

  async wait(): Promise<void> {
    const fromMs = performance.now();
    await new Promise<void>((resolve) => clock.setTimer('test', WRITES_EVERY_MS, resolve));
    this.#heldUpMs = Math.max(this.#heldUpMs, performance.now() - fromMs - WRITES_EVERY_MS);
  }

  /** @throws when the machine stood still meanwhile: nothing can be said of such a run */
  checkUndisturbed(): void {
    if (this.#heldUpMs > HELD_UP_MS_MAX) throw new DisturbedError(`held up for ${this.#heldUpMs} ms`);
  }

  /** @returns the frame from which on it sounds otherwise */
  change(): number {
    this.written -= this.#sink.rewind(frames(LATENCY_FRAMES));
    this.mark += 1;
    const from = this.written;
    this.fill();
    return from;
  }
}

class DisturbedError extends Error {}

/** Runs until the machine lets one be, and no oftener than it may: what an undisturbed one finds counts. */
async function undisturbed(run: () => Promise<void>): Promise<void> {
  for (let runs = 1; ; runs += 1) {
    try {
      await run();
      return;
    } catch (thrown) {
      if (!(thrown instanceof DisturbedError) || runs === RUNS_MAX) throw thrown;
    }
  }
}

interface Change {
  readonly fromFrame: number;
  readonly calledAtMs: number;
}

/** The recording's frame at which a writing begins to be heard. */
function beginningOf(recording: Recording, mark: number): number {
  for (let frame = 0; frame < recording.frameCount; frame += 1) {
    if (recording.samples[frame * 2 + 1] === mark) return frame;
  }
  return -1;
}

/** Frames that do not follow the one before them, from the first that sounds. */
function breaksIn(recording: Recording): string[] {
  const breaks: string[] = [];
  const first = beginningOf(recording, 1);
  for (let frame = first + 1; frame < recording.frameCount; frame += 1) {
    const before = recording.samples[frame * 2 - 2] ?? 0;
    const value = recording.samples[frame * 2] ?? 0;
    if (value !== (before % NUMBERS) + 1) breaks.push(`${frame - first}: ${before} → ${value}`);
  }
  return breaks;
}

describe.skipIf(missing !== null)(
  `taking back from PulseAudio${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
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

    const changesInPlace = async (): Promise<void> => {
      const recorder = await pulse.record(SINK);
      const sink = createNativeSink(clock, ROOT, 'pulse', SINK);
      const lost: string[] = [];
      expect(await sink.open(REQUEST, { lost: (error) => lost.push(error.message) })).toMatchObject({
        ok: true,
        value: { canRewind: true },
      });
      const player = new Player(sink);
      const changes: Change[] = [];
      await player.playFor(300);
      for (let round = 0; round < ROUNDS; round += 1) {
        const calledAtMs = performance.now();
        changes.push({ fromFrame: player.change(), calledAtMs });
        await player.playFor(70 + round * 7);
      }
      const end = player.written;
      await player.playFor(20);
      const underruns = sink.underruns();
      const heardAll = recorder.snapshot();
      await sink.close();
      await recorder.stop();
      player.checkUndisturbed();
      expect(lost).toEqual([]);
      expect(underruns).toBe(0);
      expect(breaksIn(heardAll)).toEqual([]);
      const origin = beginningOf(heardAll, 1);
      const delays = changes.map(({ fromFrame, calledAtMs }, index) => {
        const at = beginningOf(heardAll, index + 2);
        expect(at - origin).toBe(fromFrame);
        return heardAll.startedAtMs + at / 48 - calledAtMs;
      });
      expect(Math.max(...delays)).toBeLessThan(HEARD_WITHIN_MS_MAX);
      expect(end).toBeGreaterThan(48_000);
    };

    it('changes what is about to be heard, in place', () => undisturbed(changesInPlace), 60_000);

    const isSilentAfter = async (count: number): Promise<void> => {
      const recorder = await pulse.record(SINK);
      const sink = createNativeSink(clock, ROOT, 'pulse', SINK);
      expect(await sink.open(REQUEST, { lost: () => {} })).toMatchObject({ ok: true });
      const player = new Player(sink);
      await player.playFor(300);
      player.written -= sink.rewind(frames(LATENCY_FRAMES));
      sink.write(numbered(player.written, player.written + count, 2), frames(count));
      for (let looks = 0; looks < 40; looks += 1) {
        sink.delay();
        await player.wait();
      }
      const heard = recorder.snapshot();
      await sink.close();
      await recorder.stop();
      player.checkUndisturbed();
      const origin = beginningOf(heard, 1);
      const after = heard.frameCount - origin;
      const sounding = Array.from({ length: after }, (_, at) => heard.samples[(origin + at) * 2] ?? 0);
      const end = player.written + count;
      const silentFrom = sounding.findLastIndex((value) => value !== 0) + 1;
      expect(sounding[end - 1]).toBe(((end - 1) % NUMBERS) + 1);
      expect(silentFrom).toBeLessThanOrEqual(end + (count === 0 ? SILENT_WITHIN_FRAMES : 0));
      expect(sounding.length).toBeGreaterThan(silentFrom + LATENCY_FRAMES);
    };

    it.each([0, 960])(
      'is silent after the %i frames that were written instead',
      (count) => undisturbed(() => isSilentAfter(count)),
      60_000,
    );
  },
);
