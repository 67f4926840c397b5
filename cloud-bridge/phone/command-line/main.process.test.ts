/** The program as people run it, against a real bridge and real speakers in processes of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { householdSnapshotSchema } from '#protocol/wire/household';
import { parseValue } from '#protocol/wire/schema';
import { sine, stereo } from '#sim/music/test-signals';
import { encodeWav } from '#sim/music/wav-file';
import { HouseholdProcesses, type RunningSpeaker } from '#sim/processes/household-processes';

const MAIN = path.join(import.meta.dirname, 'main.ts');
const WITHIN_MS = 60_000;
const SECONDS = 20;

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let house: HouseholdProcesses;
let music: string;
let kitchen: RunningSpeaker;
let bedroom: RunningSpeaker;

function start(words: readonly string[], bridge: string | null): ChildProcess {
  const { TONEARM_BRIDGE: _ours, ...env } = process.env;
  return spawn(process.execPath, [MAIN, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, NO_COLOR: '1', ...(bridge === null ? {} : { TONEARM_BRIDGE: bridge }) },
  });
}

async function ended(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (piece: Buffer) => {
    stdout += piece.toString();
  });
  child.stderr?.on('data', (piece: Buffer) => {
    stderr += piece.toString();
  });
  const [exitCode] = await once(child, 'close');
  return { exitCode, stdout, stderr };
}

function tonearm(...words: string[]): Promise<Ended> {
  return ended(start(words, house.url));
}

async function writeTrack(title: string, trackNumber: number): Promise<void> {
  const tags = { title, artist: 'The Quiet Hours', album: 'Evening Tide', trackNumber, trackCount: 2, year: 2021 };
  const sound = encodeWav(stereo(sine(220 * trackNumber, SECONDS * 48_000, 0.1)), {
    ...tags,
    genre: 'Test',
    comment: '',
    picture: null,
  });
  await writeFile(path.join(music, `${title}.wav`), sound);
}

beforeAll(async () => {
  house = await HouseholdProcesses.create();
  music = path.join(house.folder, 'music');
  await mkdir(music);
  await writeTrack('Harbour Lights', 1);
  await writeTrack('Slow Ferry', 2);
  await writeFile(path.join(music, 'broken.wav'), 'this is no music');
  await house.startBridge();
  [kitchen, bedroom] = await Promise.all([
    house.startSpeaker({ name: 'Kitchen' }),
    house.startSpeaker({ name: 'Bedroom' }),
  ]);
}, WITHIN_MS);

afterAll(() => house.stop(), WITHIN_MS);

describe('tonearm', { timeout: WITHIN_MS }, () => {
  it('adds a folder, names what cannot be read, and ends degraded', async () => {
    const { exitCode, stdout, stderr } = await tonearm('ingest', music);
    expect(stdout).toMatch(/^2 of 3 files are in the library, 1 could not be read:\n {2}\S*broken\.wav: /);
    expect(stderr).toMatch(/100 % \(3 of 3 files, 1 unreadable\)\n$/);
    expect(exitCode).toBe(5);
  });

  it('checks what is stored, names a flipped byte and mends it', async () => {
    const sound = (await tonearm('ingest', '--check')).stdout;
    expect(sound).toMatch(/^[1-9]\d* stored files checked: all are sound\.\n$/);
    const objects = path.join(house.folder, 'bridge', 'objects');
    const [name = ''] = (await readdir(objects, { recursive: true })).filter((it) => it.includes('/'));
    const content = await readFile(path.join(objects, name));
    content[500] = (content[500] ?? 0) ^ 1;
    await writeFile(path.join(objects, name), content);
    const found = await tonearm('ingest', '--check');
    expect(found.stdout).toMatch(
      /checked: 1 problem; --repair mends what it can:\n {2}\S.*\.wav: the seal of its segment 0/,
    );
    expect([found.exitCode, found.stdout.includes('content.corrupt')]).toEqual([5, true]);
    expect((await tonearm('ingest', '--check', '--repair')).stdout).toMatch(/1 problem, 1 repaired:/);
    let last: Ended | null = null;
    for (let tries = 0; tries < 40 && last?.stdout !== sound; tries += 1) last = await tonearm('ingest', '--check');
    expect(last?.stdout).toBe(sound);
    expect((await tonearm('ingest', '--repair', music)).exitCode).toBe(2);
    expect((await tonearm('ingest')).exitCode).toBe(2);
  });

  it('refuses a folder that is not there', async () => {
    const { exitCode, stderr, stdout } = await tonearm('ingest', path.join(music, 'nowhere'), '--json');
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'ingest.folder-not-found', exitCode: 1 } });
    expect([exitCode, stdout]).toEqual([1, '']);
  });

  it('asks where when several speakers could play, and says nothing is playing before', async () => {
    const asked = await tonearm('play');
    expect([asked.exitCode, asked.stdout]).toEqual([2, '']);
    expect(asked.stderr).toMatch(/several speakers are online.*\n {2}next: say which: --on/);
    const paused = await tonearm('pause', '--json');
    expect(JSON.parse(paused.stderr)).toMatchObject({ error: { code: 'session.no-active-speaker' } });
    expect(paused.exitCode).toBe(1);
  });

  it('plays the best match on the speaker meant, and controls it', async () => {
    const played = await tonearm('play', 'evening', 'tide', '--on', 'kit');
    expect(played).toEqual({
      exitCode: 0,
      stdout: 'Playing Harbour Lights by The Quiet Hours on Kitchen.\n',
      stderr: '',
    });
    expect((await tonearm('seek', '0:10')).stdout).toBe('Harbour Lights by The Quiet Hours: 0:10 of 0:20.\n');
    expect((await tonearm('seek', '-0:04')).stdout).toMatch(/: 0:0[67] of 0:20\.\n$/);
    expect((await tonearm('pause')).stdout).toMatch(/^Paused Harbour Lights by The Quiet Hours on Kitchen at 0:0/);
    expect((await tonearm('queue')).stdout).toMatch(
      /^⏸ Harbour Lights.*\n {2}1 {2}Slow Ferry by The Quiet Hours 0:20\n$/,
    );
    expect((await tonearm('next')).stdout).toContain('Slow Ferry by The Quiet Hours on Kitchen');
    expect((await tonearm('queue', 'add', 'harbour')).stdout).toBe('Queued Harbour Lights by The Quiet Hours.\n');
    expect((await tonearm('volume', '30')).stdout).toBe('Kitchen: 30.\n');
    expect((await tonearm('volume', '-5', '--on', 'kitchen', '--json')).stdout).toMatch(/"volume":25\}\n$/);
    expect((await tonearm('volume')).stdout).toBe('Kitchen: 25\n');
    expect((await tonearm('pause', '--quiet')).stdout).toBe('');
  });

  it('moves the music, and lists who has it', async () => {
    const moved = await tonearm('transfer', 'bed', '--json');
    const answer: { session: { activeSpeakerId: string } } = JSON.parse(moved.stdout);
    const { speakers }: { speakers: { id: string; name: string; isActive: boolean }[] } = JSON.parse(
      (await tonearm('devices', '--json')).stdout,
    );
    const bedroom = speakers.find((it) => it.name === 'Bedroom');
    expect([moved.exitCode, answer.session.activeSpeakerId, bedroom?.isActive]).toEqual([0, bedroom?.id, true]);
    expect((await tonearm('transfer', 'kichten')).stderr).toContain('next: did you mean Kitchen?');
  });

  it('goes on where a speaker is left when the one that played has gone', async () => {
    const { speakers } = await house.phone().household();
    const [gone, left] = [speakers.find((it) => it.isActive), speakers.find((it) => !it.isActive)];
    await (gone?.name === 'Kitchen' ? kitchen : bedroom).program.stop();
    await house.phone().until('it is offline', (it) => it.speakers.some((one) => one.id === gone?.id && !one.isOnline));
    expect((await tonearm('play')).stdout).toMatch(new RegExp(`^Playing .* on ${left?.name}( at 0:\\d\\d)?\\.\n$`));
    expect((await tonearm('volume', '50', '--on', gone?.name ?? '')).stderr).toContain(`${gone?.name} is offline`);
  });

  it('answers what it is asked in JSON that the schema takes', async () => {
    const parsed = parseValue(
      householdSnapshotSchema,
      JSON.parse((await tonearm('status', '--json')).stdout),
      'status',
    );
    expect(parsed.ok ? parsed.value.speakers.length : parsed.error.message).toBe(2);
    const found: { tracks: { items: { name: string }[] } } = JSON.parse(
      (await tonearm('search', 'slow', '--json')).stdout,
    );
    expect(found.tracks.items.map((it) => it.name)).toEqual(['Slow Ferry']);
    const none = await tonearm('search', 'zzz');
    expect([none.exitCode, none.stderr]).toEqual([1, expect.stringContaining('(catalogue.not-found)')]);
  });

  it('watches until interrupted, a line for each change', async () => {
    const name = (await house.phone().household()).speakers.find((it) => it.isOnline)?.name ?? '';
    const watching = start(['status', '--watch'], house.url);
    const end = ended(watching);
    await new Promise<void>((resolve) => watching.stdout?.once('data', () => resolve()));
    const changed = new Promise<void>((resolve) => {
      watching.stdout?.on('data', (piece: Buffer) => {
        if (piece.toString().includes(`${name} 77`)) resolve();
      });
    });
    await tonearm('volume', '77', '--on', name);
    await changed;
    watching.kill('SIGINT');
    const { exitCode, stdout } = await end;
    expect(exitCode).toBe(0);
    expect(stdout.trim().split('\n').length).toBeGreaterThanOrEqual(2);
  });

  it('examines the house, and says what is amiss', async () => {
    const { exitCode, stdout } = await tonearm('doctor', '--json', '--sink', 'virtual');
    const { checks }: { checks: { check: string; result: string }[] } = JSON.parse(stdout);
    expect(checks).toContainEqual(expect.objectContaining({ check: 'bridge', result: 'ok' }));
    expect(checks.find((it) => it.check.startsWith('sound of '))?.result).toMatch(/warning|failed/);
    expect(checks).toContainEqual(expect.objectContaining({ check: 'sound test', result: 'failed' }));
    expect(exitCode).toBe(5);
  });

  it.each([
    [['plya'], 'Did you mean play?'],
    [['volume', '101'], 'volume 40'],
    [['seek', 'soon'], 'seek 1:30'],
    [['devices', '--bridge', 'ftp://x'], '--bridge'],
    [['search', 'x', '--limit', '0'], '1 to 50'],
    [['transfer'], 'speaker'],
    [['bridge', '--port', 'many'], '--port'],
  ])('refuses %j as wrong usage', async (words, hint) => {
    const { exitCode, stderr, stdout } = await tonearm(...words);
    expect(exitCode).toBe(2);
    expect(stderr + stdout).toContain(hint);
  });

  it('says where it looked when no bridge answers', async () => {
    const { exitCode, stdout, stderr } = await tonearm('devices', '--bridge', '127.0.0.1:9', '--json');
    expect([exitCode, stdout]).toEqual([3, '']);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'connect.unreachable', exitCode: 3 } });
    expect(stderr).toContain('http://127.0.0.1:9');
  });
});
