/** The pipe sink with real pipes: another program reads what was played, to the sample, and may go away. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPipeSink } from '#device/adapters/pipe-sink/pipe-sink';
import type { SampleBits, SinkSamples } from '#device/core/ports/audio-sink';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { frames, hz, ms } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';

const COUNT = 4_800;
const FOREVER_MS = 10_000;

describe('the pipe sink', () => {
  let folder: string;
  let fifo: string;
  let reader: ChildProcess | null;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tonearm-pipe-'));
    fifo = path.join(folder, 'sound');
    spawnSync('mkfifo', [fifo]);
    reader = null;
  });

  afterEach(async () => {
    reader?.kill();
    await rm(folder, { recursive: true });
  });

  const request = (sampleBits: SampleBits) =>
    ({ rate: hz(48_000), channels: 2, latency: ms(100), sampleBits }) as const;

  async function openRead(sampleBits: SampleBits, lost: (message: string) => void = () => undefined) {
    const clock = new VirtualClock();
    const sink = createPipeSink(clock, fifo);
    const chunks: Buffer[] = [];
    reader = spawn('cat', [fifo], { stdio: ['ignore', 'pipe', 'inherit'] });
    reader.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    let outcome = await sink.open(request(sampleBits), { lost: (error) => lost(error.message) });
    // Until `cat` has opened its end.
    for (const giveUpAt = performance.now() + FOREVER_MS; !outcome.ok && performance.now() < giveUpAt; ) {
      outcome = await sink.open(request(sampleBits), { lost: (error) => lost(error.message) });
    }
    expect(outcome).toMatchObject({ ok: true, value: { sampleBits, canRewind: true } });
    return { sink, clock, chunks, reader };
  }

  it.each([
    [16, 2, (bytes: Buffer, at: number) => bytes.readInt16LE(at)],
    [24, 3, (bytes: Buffer, at: number) => bytes.readIntLE(at, 3)],
    [32, 4, (bytes: Buffer, at: number) => bytes.readInt32LE(at)],
  ] as const)('hands over %i bits as they are read raw', async (sampleBits, bytesPerSample, read) => {
    const { sink, clock, chunks, reader: cat } = await openRead(sampleBits);
    const value = (index: number) => (index % 2 === 0 ? index : -index) + 1;
    const samples: SinkSamples = sampleBits === 16 ? new Int16Array(COUNT * 2) : new Int32Array(COUNT * 2);
    for (let index = 0; index < samples.length; index += 1) {
      samples[index] = sampleBits === 24 ? value(index) << 8 : value(index);
    }
    expect(sink.write(samples, frames(COUNT))).toBe(COUNT);
    await clock.advance(ms(150));
    await sink.close();
    if (cat !== null) await once(cat, 'close');
    const heard = Buffer.concat(chunks);
    expect(heard.length).toBe(COUNT * 2 * bytesPerSample);
    for (let index = 0; index < COUNT * 2; index += 997) expect(read(heard, index * bytesPerSample)).toBe(value(index));
  });

  it('hears nothing of what was taken back', async () => {
    const { sink, clock, chunks, reader: cat } = await openRead(16);
    sink.write(new Int16Array(COUNT * 2).fill(1), frames(COUNT));
    await clock.advance(ms(20));
    const taken = sink.rewind(frames(COUNT));
    expect(taken).toBeGreaterThan(COUNT / 2);
    sink.write(new Int16Array(taken * 2).fill(2), taken);
    await clock.advance(ms(150));
    await sink.close();
    if (cat !== null) await once(cat, 'close');
    const heard = Buffer.concat(chunks);
    const values = Array.from({ length: COUNT }, (_, frame) => heard.readInt16LE(frame * 4));
    expect(values.lastIndexOf(1) + 1).toBe(COUNT - taken);
    expect(values.indexOf(2)).toBe(COUNT - taken);
  });

  it('is lost with its reader, says so once, and opens again for the next', async () => {
    const lost: string[] = [];
    const { sink, clock, reader: cat } = await openRead(16, (message) => lost.push(message));
    cat?.kill();
    if (cat !== null) await once(cat, 'close');
    sink.write(new Int16Array(COUNT * 2), frames(COUNT));
    await clock.advance(ms(50));
    expect(lost).toEqual([expect.stringMatching(/its reader is gone/)]);
    expect(sink.writableFrames()).toBe(0);
    expect(await sink.open(request(16), { lost: () => {} })).toMatchObject({
      ok: false,
      error: { code: 'sink.unavailable', message: expect.stringMatching(/nobody reads it/) },
    });
  });

  it('never waits for a reader that reads nothing', async () => {
    const { sink, clock, reader: cat } = await openRead(16);
    cat?.kill('SIGSTOP');
    const wall = createSystemClock();
    const before = wall.nowUs();
    for (let block = 0; block < 1_000; block += 1) {
      sink.write(new Int16Array(960), frames(480));
      await clock.advance(ms(10));
    }
    // Ten seconds of sound; what does not fit into the pipe is refused instead of waited for.
    expect(wall.nowUs() - before).toBeLessThan(5_000_000);
    expect(sink.writableFrames()).toBe(0);
    cat?.kill('SIGKILL');
    await sink.close();
  });
});
