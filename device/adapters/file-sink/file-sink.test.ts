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

  it('writes what takes the place of what it gave back where that was', async () => {
    const clock = new VirtualClock();
    const sink = createFileSink(clock, file);
    await sink.open(REQUEST, { lost: () => {} });
    sink.write(new Int16Array(9_600).fill(7), frames(4_800));
    await clock.advance(ms(10));
    const back = sink.rewind(frames(4_800));
    expect(back).toBe(4_800 - 480 - 192);
    sink.write(new Int16Array(2_000).fill(9), frames(1_000));
    await sink.close();
    const wav = readFileSync(file);
    const kept = 4_800 - back;
    expect(wav.readUInt32LE(40)).toBe((kept + 1_000) * 4);
    expect(wav.readInt16LE(44 + kept * 4 - 2)).toBe(7);
    expect([wav.readInt16LE(44 + kept * 4), wav.readInt16LE(44 + (kept + 1_000) * 4 - 2)]).toEqual([9, 9]);
  });

  it.each([
    [24, 3, -12_345],
    [32, 4, -12_345 * 256 - 77],
  ] as const)('holds %i bits, in the form that players read', async (sampleBits, bytes, value) => {
    const sink = createFileSink(new VirtualClock(), file);
    const outcome = await sink.open({ ...REQUEST, sampleBits }, { lost: () => {} });
    expect(outcome.ok && outcome.value.sampleBits).toBe(sampleBits);
    const samples = new Int32Array(20).fill(sampleBits === 24 ? value * 256 : value);
    samples[3] = 0;
    sink.write(samples, frames(10));
    await sink.close();
    const wav = readFileSync(file);
    expect([wav.toString('ascii', 0, 4), wav.toString('ascii', 8, 16)]).toEqual(['RIFF', 'WAVEfmt ']);
    expect(wav.readUInt32LE(4)).toBe(wav.length - 8);
    // Extensible: size, tag, bytes of a second and of a frame, bits twice, channels, and what kind of samples.
    expect([wav.readUInt32LE(16), wav.readUInt16LE(20)]).toEqual([40, 0xfffe]);
    expect([wav.readUInt32LE(28), wav.readUInt16LE(32)]).toEqual([48_000 * 2 * bytes, 2 * bytes]);
    expect([wav.readUInt16LE(34), wav.readUInt16LE(36), wav.readUInt16LE(38)]).toEqual([sampleBits, 22, sampleBits]);
    expect(wav.toString('hex', 40, 60)).toBe('03000000' + '0100000000001000800000aa00389b71');
    expect([wav.toString('ascii', 60, 64), wav.readUInt32LE(64)]).toEqual(['data', 20 * bytes]);
    const read = Array.from({ length: 20 }, (_, index) => wav.readIntLE(68 + index * bytes, bytes));
    expect(read).toEqual(Array.from({ length: 20 }, (_, index) => (index === 3 ? 0 : value)));
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
