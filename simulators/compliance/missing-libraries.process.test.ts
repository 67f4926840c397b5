/** A machine without sound libraries: the speaker says what is missing, and plays on without sound. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSinkAddon } from '#device/adapters/native-sink/sink-addon';

const ROOT = path.join(import.meta.dirname, '..', '..');
const SPEAKER = path.join(ROOT, 'device', 'app', 'main.ts');
const addon = loadSinkAddon(ROOT, 'pulse');
const missing = addon.ok ? null : addon.error.message;

describe.skipIf(missing !== null)(`a machine without sound${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tonearm-silent-'));
    // Found before the real ones, and no libraries.
    for (const library of ['libasound.so.2', 'libpulse.so.0']) await writeFile(path.join(folder, library), '');
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  /** @returns the one line that a sound test prints; it fails there, which is its answer */
  function testSound(
    sink: string,
  ): Promise<{ readonly verdict: string; readonly sink: string; readonly problem: string }> {
    const env = { ...process.env, LD_LIBRARY_PATH: folder };
    return new Promise((resolve, reject) => {
      execFile(process.execPath, [SPEAKER, '--test-sound', '--sink', sink], { env }, (_error, stdout, stderr) => {
        if (stdout === '') reject(new Error(stderr));
        else resolve(JSON.parse(stdout));
      });
    });
  }

  it.each([
    ['alsa', /ALSA is not installed: .*libasound\.so\.2/],
    ['pulse', /PulseAudio is not installed: .*libpulse\.so\.0/],
  ] as const)('says what %s lacks', async (kind, reason) => {
    const { verdict, problem } = await testSound(kind);
    expect(verdict).toBe('does-not-open');
    expect(problem).toMatch(reason);
  });

  it('plays on a stand-in, and says why nobody hears it', async () => {
    const { verdict, sink, problem } = await testSound('auto');
    expect([verdict, sink]).toEqual(['silent', 'virtual']);
    expect(problem).toMatch(/ALSA is not installed/);
  });
});
