import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFilePlaybackMemory } from '#device/adapters/file-playback-memory/file-playback-memory';
import { createFileSoundTrace } from '#device/adapters/file-playback-memory/file-sound-trace';
import { readTracePage } from '#device/adapters/file-playback-memory/trace-page';
import { tracePathFor } from '#device/adapters/file-playback-memory/trace-path';
import type { RememberedPlayback } from '#device/core/ports/playback-memory';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createJsonLogger } from '#protocol/kit/json-logger';
import { silentLogger } from '#protocol/kit/silent-logger';
import { trackId } from '#protocol/vocabulary/ids';
import { frames, ms, percent } from '#protocol/vocabulary/units';
import { describePlaybackMemory, type PlaybackPlace } from '#sim/compliance/playback-memory.suite';
import { VirtualClock } from '#sim/world/virtual-clock';

const FOLDER = join(tmpdir(), 'tonearm-memory-');
/** Holds the addons. */
const ROOT = join(import.meta.dirname, '..', '..', '..');
const at = (epoch: number): RememberedPlayback => ({
  epoch,
  volume: percent(20),
  session: null,
  generation: 0,
  resumes: 0,
});

describePlaybackMemory('file', () => memoryIn(null));
describePlaybackMemory('file, its trace mapped into memory', () => memoryIn(ROOT));

async function memoryIn(root: string | null): Promise<PlaybackPlace> {
  const folder = await mkdtemp(FOLDER);
  const clock = createSystemClock();
  const ports = { clock, logger: silentLogger };
  let boots = 0;
  return {
    open: () => createFilePlaybackMemory(ports, { folder, tracePath: join(folder, 'trace'), bootId: `boot ${boots}` }),
    openTrace: () => createFileSoundTrace(ports, { path: join(folder, 'trace'), bootId: `boot ${boots}`, root }),
    reboot: () => {
      boots += 1;
    },
    pass: (time) => new Promise((resolve) => clock.setTimer('pass', time, resolve)),
    stop: () => rm(folder, { recursive: true, force: true }),
  };
}

describe('a playback memory in files', () => {
  let folder: string;
  let lines: string[];
  let clock: VirtualClock;
  const open = () => {
    const logger = createJsonLogger((line) => lines.push(line), { wallMs: () => 0 });
    return createFilePlaybackMemory({ clock, logger }, { folder, tracePath: join(folder, 'trace'), bootId: 'one' });
  };
  const slotOf = async (epoch: number): Promise<string | undefined> => {
    for (const name of await readdir(folder)) {
      if ((await readFile(join(folder, name), 'utf8')).includes(`"epoch":${epoch}`)) return name;
    }
    return undefined;
  };

  beforeEach(async () => {
    folder = await mkdtemp(FOLDER);
    lines = [];
    clock = new VirtualClock();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('leaves alone what is on the disk while the newer is not, and takes turns', async () => {
    const memory = open();
    for (const epoch of [1, 2, 3]) {
      memory.remember(at(epoch));
      await memory.flush();
    }
    expect([await slotOf(1), await slotOf(2), await slotOf(3)]).toEqual([
      undefined,
      'playback-0.json',
      'playback-1.json',
    ]);
  });

  it.each([0, 7, 60])('reads the one before when a power cut left %i bytes of the newest', async (length) => {
    const memory = open();
    memory.remember(at(1));
    await memory.flush();
    memory.remember(at(2));
    await memory.flush();
    await truncate(join(folder, (await slotOf(2)) ?? ''), length);
    expect((await open().recall())?.epoch).toBe(1);
    expect(lines.join()).toContain('playback-memory.unreadable');
    const next = open();
    await next.recall();
    next.remember(at(3));
    await next.flush();
    expect((await open().recall())?.epoch).toBe(3);
  });

  it('takes nonsense for nothing, and goes on', async () => {
    await writeFile(join(folder, 'playback-0.json'), '{"sequence":1}');
    await writeFile(join(folder, 'playback-1.json'), '\0\0\0');
    await writeFile(join(folder, 'playback-place.json'), 'x'.repeat(1_000_000));
    const memory = open();
    expect(await memory.recall()).toBeNull();
    memory.remember(at(5));
    await memory.flush();
    expect((await open().recall())?.epoch).toBe(5);
  });

  it('says once that the disk fails, and costs nothing else', async () => {
    const memory = open();
    await rm(folder, { recursive: true });
    for (const epoch of [1, 2, 3]) {
      memory.remember(at(epoch));
      await memory.flush();
    }
    expect(lines.filter((line) => line.includes('playback-memory.failed'))).toHaveLength(1);
  });

  it('forces to the disk by itself, and seldom', async () => {
    const memory = open();
    memory.remember(at(1));
    await expect.poll(() => slotOf(1)).toBe('playback-1.json');
    memory.remember(at(2));
    // Not on the disk yet, so it may go: the other slot is not touched.
    await expect.poll(() => slotOf(2)).toBe('playback-1.json');
    await clock.advance(ms(10_000));
    expect(clock.timers()).toEqual([]);
    // The timer's work goes through the same queue as this.
    memory.remember(at(3));
    await expect.poll(() => slotOf(3)).toBe('playback-0.json');
    expect(await slotOf(2)).toBe('playback-1.json');
    await memory.flush();
  });
});

describe('the trace of a sound in a file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(FOLDER);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is left no more often than is cheap', async () => {
    const clock = new VirtualClock();
    const path = join(folder, 'trace');
    const trace = createFileSoundTrace({ clock, logger: silentLogger }, { path, bootId: 'one', root: null });
    const sound = { generation: 1, trackId: trackId('a'.repeat(22)) };
    trace.leave(sound, frames(1_000_000));
    trace.leave(sound, frames(2));
    expect(readTracePage(await readFile(path, 'utf8'))).toMatchObject({ positionFrames: 1_000_000 });
    await clock.advance(ms(50));
    trace.leave(sound, frames(3));
    expect(readTracePage(await readFile(path, 'utf8'))).toEqual({
      bootId: 'one',
      atUs: 50_000,
      ...sound,
      // And half of the 50 ms to where the next one would have been left.
      positionFrames: 1_203,
    });
  });

  it('is left by storing it, where the file can be memory', async () => {
    const clock = new VirtualClock();
    const path = join(folder, 'trace');
    const trace = createFileSoundTrace({ clock, logger: silentLogger }, { path, bootId: 'one', root: ROOT });
    // Longer than a trace, and of another time.
    await writeFile(path, `${JSON.stringify({ bootId: 'one', atUs: 9e9 })}\n`.repeat(50));
    trace.leave({ generation: 1, trackId: trackId('a'.repeat(22)) }, frames(7));
    expect(await readFile('/proc/self/maps', 'utf8')).toContain(path);
    expect(readTracePage(await readFile(path, 'utf8'))).toMatchObject({ positionFrames: 7 });
  });

  it('that cannot be left is said once, and costs nothing else', async () => {
    const lines: string[] = [];
    const clock = new VirtualClock();
    const logger = createJsonLogger((line) => lines.push(line), clock);
    const trace = createFileSoundTrace(
      { clock, logger },
      { path: join(folder, 'no', 'trace'), bootId: null, root: ROOT },
    );
    for (let time = 0; time < 5; time += 1) {
      trace.leave({ generation: 1, trackId: trackId('a'.repeat(22)) }, frames(time));
      await clock.advance(ms(100));
    }
    expect(lines).toHaveLength(1);
  });

  it('lies in a folder in memory, one for each speaker, and in the data folder where there is none', () => {
    const env = { RUNTIME_DIRECTORY: `${folder}:/other`, XDG_RUNTIME_DIR: '/no/such/folder' };
    expect(tracePathFor('/a', env)).toMatch(new RegExp(`^${folder}/tonearm-sound-[0-9a-f]{16}\\.json$`));
    expect(tracePathFor('/a/../b', env)).toBe(tracePathFor('/b', env));
    expect(tracePathFor('/b', env)).not.toBe(tracePathFor('/a', env));
    expect(tracePathFor('/b', { XDG_RUNTIME_DIR: folder })).toBe(tracePathFor('/b', env));
    expect(tracePathFor('/b', {})).toMatch(/^\/(?:dev\/shm|b)\//);
  });
});
