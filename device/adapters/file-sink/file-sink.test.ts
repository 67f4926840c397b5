import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { frames, hz, ms } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import { createFileSink } from './file-sink.ts';

const REQUEST = { rate: hz(48_000), channels: 2, latency: ms(100), sampleBits: 16 } as const;

describe('a WAV file as a sink', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'tonearm-wav-'));
    file = path.join(folder, 'sound.wav');
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('holds what was heard and not what was dropped, also after it was opened again', async () => {
    const clock = new VirtualClock();
    const sink = createFileSink(clock, file);
    await sink.open(REQUEST, { lost: () => {} });
    sink.write(new Int16Array(4_800).fill(7), frames(2_400));
    await clock.advance(ms(10));
    expect(sink.drop()).toBe(1_920);
    await sink.close();
    await sink.open(REQUEST, { lost: () => {} });
    sink.write(new Int16Array(2_000).fill(9), frames(1_000));
    await sink.close();
    const wav = readFileSync(file);
    expect(wav.toString('ascii', 0, 4)).toBe('RIFF');
    expect(wav.readUInt32LE(40)).toBe((480 + 1_000) * 4);
    expect(wav.readUInt32LE(4)).toBe(36 + 1_480 * 4);
    expect([wav.readInt16LE(44), wav.readInt16LE(44 + 480 * 4), wav.readInt16LE(44 + 1_480 * 4 - 2)]).toEqual([
      7, 9, 9,
    ]);
  });

  it('has a header that is right within seconds, without being closed', async () => {
    const clock = new VirtualClock();
    const sink = createFileSink(clock, file);
    await sink.open(REQUEST, { lost: () => {} });
    for (let tick = 0; tick < 60; tick += 1) {
      sink.write(new Int16Array(9_600), sink.writableFrames());
      await clock.advance(ms(100));
    }
    expect(readFileSync(file).readUInt32LE(40)).toBeGreaterThanOrEqual(5 * 48_000 * 4);
    await sink.close();
  });

  it('says in words why it cannot be written', async () => {
    const sink = createFileSink(new VirtualClock(), path.join(folder, 'none', 'sound.wav'));
    const outcome = await sink.open(REQUEST, { lost: () => {} });
    expect(outcome.ok ? null : outcome.error.code).toBe('sink.unavailable');
    expect(outcome.ok ? '' : outcome.error.message).toMatch(/no such file or directory/);
  });
});
