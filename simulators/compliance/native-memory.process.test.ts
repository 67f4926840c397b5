/**
 * A thousand openings of each native sink: under the address and undefined-behaviour sanitizers in C alone, and in Node,
 * where neither memory nor descriptors may grow. Named as skipped where the tools are missing.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNativeSink } from '#device/adapters/native-sink/native-sink';
import { loadSinkAddon } from '#device/adapters/native-sink/sink-addon';
import { ADDONS, WARNING_FLAGS } from '#firmware/bundle/addon-plan';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { frames, hz, ms } from '#protocol/vocabulary/units';
import { missingForPulseaudio, PrivatePulseaudio } from '#sim/processes/private-pulseaudio';

const ROOT = path.join(import.meta.dirname, '..', '..');
const NATIVE = path.join(ROOT, 'device', 'adapters', 'native-sink', 'native');
const CHECK = path.join(NATIVE, 'sink-device-check.c');
const SANITIZE = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer', '-g', '-O1'];
const SINK = 'memory1';
const ROUNDS = 1_000;
/** The first rounds fill caches: libraries, the thread pool, the heap's young half. */
const WARM_UP_ROUNDS = 300;
const WITHIN_MS = 120_000;
/** A leak of one device's state a round would be some 40 MB. */
const GROWTH_BYTES_MAX = 12 * 1024 * 1024;
const execute = promisify(execFile);

function missingSanitizers(): string | null {
  if (spawnSync('gcc', ['--version']).status !== 0) return 'no gcc: apt-get install gcc';
  const source = 'int main(void) { return 0; }';
  const args = ['-fsanitize=address,undefined', '-x', 'c', '-o', '/dev/null', '-'];
  return spawnSync('gcc', args, { input: source }).status === 0 ? null : 'gcc has no sanitizers here';
}

const addons = (['alsa', 'pulse'] as const).map((kind) => loadSinkAddon(ROOT, kind));
const unbuilt = addons.find((addon) => !addon.ok);
const missing = missingForPulseaudio() ?? missingSanitizers() ?? (unbuilt?.ok === false ? unbuilt.error.message : null);

async function buildCheck(kind: 'alsa' | 'pulse', folder: string): Promise<string> {
  const addon = ADDONS.find(({ name }) => name === kind);
  const sources = (addon?.sources ?? []).filter((it) => !it.endsWith('sink-addon.c')).map((it) => path.join(ROOT, it));
  const program = path.join(folder, `check-${kind}`);
  await execute('gcc', [...SANITIZE, ...WARNING_FLAGS, '-o', program, CHECK, ...sources, '-ldl', '-lpthread']);
  return program;
}

describe.skipIf(missing !== null)(`native sinks${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let pulse: PrivatePulseaudio;
  let folder: string;
  let giveBack = (): void => {};

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tonearm-native-'));
    pulse = await PrivatePulseaudio.start([{ name: SINK }]);
    giveBack = pulse.lendEnvironment();
  });

  afterAll(async () => {
    await pulse.stop();
    await rm(folder, { recursive: true });
    giveBack();
  });

  it.each([
    ['alsa', 'null'],
    ['alsa', SINK],
    ['pulse', SINK],
  ] as const)(
    '%s opens, plays, takes back, drops and closes "%s" a thousand times without a complaint',
    async (kind, device) => {
      const program = await buildCheck(kind, folder);
      const env = { ...process.env, ...pulse.environment(), ASAN_OPTIONS: 'detect_leaks=1:abort_on_error=0' };
      const { stdout, stderr } = await execute(program, [device, String(ROUNDS)], { env, timeout: WITHIN_MS });
      expect(stderr).toBe('');
      expect(stdout).toBe(`${ROUNDS} rounds\n`);
    },
    WITHIN_MS,
  );

  it('alsa packs samples as cards want them', async () => {
    const program = path.join(folder, 'check-convert');
    const sources = ['alsa-convert-check.c', 'alsa-convert.c'].map((name) => path.join(NATIVE, name));
    await execute('gcc', [...SANITIZE, ...WARNING_FLAGS, '-o', program, ...sources]);
    const { stdout } = await execute(program);
    // Silence, one step up, one step down, full scale up and down.
    expect(stdout.trim().split('\n')).toEqual([
      's32 of 16: 00 00 00 00 00 00 01 00 00 00 ff ff 00 00 ff 7f 00 00 00 80',
      's24 of 32: 00 00 00 00 01 00 00 00 ff ff ff ff ff ff 7f 00 00 00 80 ff',
      's24_3 of 32: 00 00 00 01 00 00 ff ff ff ff ff 7f 00 00 80',
    ]);
  });

  it.each([
    ['alsa', 'null'],
    ['pulse', SINK],
  ] as const)(
    '%s keeps neither memory nor descriptors in Node',
    async (kind, device) => {
      const sink = createNativeSink(createSystemClock(), ROOT, kind, device);
      const request = { rate: hz(48_000), channels: 2, latency: ms(100), sampleBits: 16 } as const;
      const block = new Int16Array(2 * 480);
      const play = async (rounds: number): Promise<void> => {
        for (let round = 0; round < rounds; round += 1) {
          const outcome = await sink.open(request, { lost: () => {} });
          if (!outcome.ok) throw outcome.error;
          sink.write(block, frames(480));
          sink.delay();
          sink.drop();
          await sink.close();
        }
      };
      await play(WARM_UP_ROUNDS);
      const descriptors = await openDescriptors();
      const rss = process.memoryUsage.rss();
      await play(ROUNDS);
      expect(await openDescriptors()).toBeLessThanOrEqual(descriptors + 2);
      expect(process.memoryUsage.rss() - rss).toBeLessThan(GROWTH_BYTES_MAX);
    },
    WITHIN_MS,
  );
});

async function openDescriptors(): Promise<number> {
  return (await readdir('/proc/self/fd')).length;
}
