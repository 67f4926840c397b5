/** The bundles are made and started for real: what is missing from one shows only when it runs without the source around it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { encodeWav } from '#sim/music/wav-file';
import { ChildProgram } from '#sim/processes/child-program';
import { RestPhone } from '#sim/processes/rest-phone';

const READY_WITHIN_MS = 20_000;
const RATE = 48_000;
const SCRIPT = join(import.meta.dirname, 'bundle.ts');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonearm-bundle-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function bundle(...args: readonly string[]) {
  return spawnSync(process.execPath, [SCRIPT, '--out', join(folder, 'out'), ...args], { encoding: 'utf8' });
}

describe('bundle.ts', { timeout: 90_000 }, () => {
  it('says what it would do, and names a program that there is not', () => {
    const dry = bundle('--dry-run');
    expect(dry.status).toBe(0);
    expect(dry.stdout).toContain('bundle device/app/audio-worker.ts → device/app/audio-worker.js');
    const unknown = bundle('fridge');
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toContain('"fridge"');
  });

  it('makes a bridge and a speaker that play together without their source', async () => {
    const made = bundle();
    expect(made.stderr).toBe('');
    const music = join(folder, 'music');
    mkdirSync(music);
    const samples = fingerprintTrack(7, 10 * RATE);
    writeFileSync(join(music, 'a.wav'), encodeWav({ left: samples, right: samples, rate: RATE }));
    const run = (program: string, ...args: readonly string[]) =>
      new ChildProgram(program, process.execPath, [join(folder, 'out', program, 'main.js'), '--no-mdns', ...args], {
        cwd: folder,
      });
    const bridge = run(
      'bridge',
      ...['--data', join(folder, 'b'), '--host', '127.0.0.1', '--port', '0', '--access', 'open', '--music', music],
    );
    const { port } = await bridge.waitForEvent('bridge.ready', READY_WITHIN_MS);
    const speaker = run(
      'speaker',
      ...['--data', join(folder, 's'), '--name', 'Bundled', '--sink', 'virtual', '--bridge', `ws://127.0.0.1:${port}`],
    );
    const { id } = await speaker.waitForEvent('speaker.ready', READY_WITHIN_MS);
    const phone = new RestPhone(`http://127.0.0.1:${port}`);
    expect((await phone.call('GET', '/')).status).toBe(200);
    await phone.until('read', ({ ingest, speakers }) => ingest.done === 1 && speakers.length === 1);
    await phone.command('PUT', `/v1/me/player/play?device_id=${id}`, { context_uri: 'tonearm:library' });
    await phone.until('playing', ({ session }) => session.playback === 'playing' && session.positionMs > 500);
    await Promise.all([speaker.stop(), bridge.stop()]);
    expect([speaker.exitCode, bridge.exitCode]).toEqual([0, 0]);
  });
});
