/**
 * The main job, as its user has it: one command, music, one key, and nothing left behind. Real processes, the launcher included;
 * the key is sent to the whole group of processes, as a terminal does.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { encodeWav } from '#sim/music/wav-file';
import { comeIn, ownerLinkIn } from '#sim/processes/come-in';
import { descendants, isAlive } from '#sim/processes/descendants';
import { freePort } from '#sim/processes/free-port';
import { RestPhone } from '#sim/processes/rest-phone';

const ROOT = dirname(dirname(import.meta.dirname));
/** Composing and encoding one track on a loaded machine of two cores. */
const MUSIC_WITHIN_MS = 60_000;
const END_WITHIN_MS = 15_000;
const DECODERS_END_WITHIN_MS = 3_000;
const RATE = 48_000;

let folder = '';
let running: ChildProcess | null = null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonearm-start-'));
});
afterEach(async () => {
  if (running?.pid !== undefined && running.exitCode === null && running.signalCode === null) {
    process.kill(-running.pid, 'SIGKILL');
    await once(running, 'close');
  }
  rmSync(folder, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it has printed so far. */
  output(): string;
  readonly ended: Promise<number | null>;
}

function npmStart(...args: readonly string[]): Started {
  return start('npm', ['start', '--silent', '--', ...args]);
}

/** What `npm start` runs. npm itself ends by the signal that it was sent, so an exit code after Ctrl-C is seen only here. */
function launch(...args: readonly string[]): Started {
  return start(process.execPath, [join(ROOT, 'firmware-scripts', 'lib', 'start.mjs'), ...args]);
}

function start(command: string, args: readonly string[]): Started {
  const child = spawn(command, [...args, '--data', join(folder, 'data'), '--sink', 'virtual', '--no-mdns'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, XDG_CONFIG_HOME: join(folder, 'config') },
  });
  running = child;
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, pid: child.pid ?? 0, output: () => text, ended };
}

async function untilPlaying(started: Started, port: number): Promise<void> {
  const link = () => ownerLinkIn(started.output());
  await expect.poll(link, { timeout: MUSIC_WITHIN_MS, message: started.output() }).toBeDefined();
  // As somebody who opens the address that is shown.
  const { url, headers } = await comeIn(`http://127.0.0.1:${port}${link()}`);
  const phone = new RestPhone(url, headers);
  const isPlaying = async (): Promise<boolean> => {
    if (started.child.exitCode !== null) throw new Error(`it ended\n${started.output()}`);
    const household = await phone.household().catch(() => null);
    return household?.session.playback === 'playing' && household.session.positionMs > 0;
  };
  await expect.poll(isPlaying, { timeout: MUSIC_WITHIN_MS, interval: 100, message: started.output() }).toBe(true);
}

function writeMusic(): string {
  const music = join(folder, 'music');
  mkdirSync(music);
  const samples = fingerprintTrack(5, 20 * RATE);
  writeFileSync(join(music, '01 Something.wav'), encodeWav({ left: samples, right: samples, rate: RATE }));
  writeFileSync(join(music, '02 Broken.flac'), 'this is not music');
  return music;
}

describe('npm start', { timeout: MUSIC_WITHIN_MS + 2 * END_WITHIN_MS }, () => {
  it('plays the sample album, says where, and ends at Ctrl-C with nothing left', async () => {
    const port = await freePort();
    const started = launch('--port', String(port));
    await untilPlaying(started, port);
    await expect.poll(() => started.output(), { timeout: 5_000 }).toContain('♪');
    expect(started.output()).toContain(`:${port}`);
    expect(started.output()).toContain('without a sound');
    const children = descendants(started.pid);
    expect(children.length).toBeGreaterThanOrEqual(3);
    process.kill(-started.pid, 'SIGINT');
    expect(await started.ended).toBe(0);
    // The bridge's decoders end when their pipe breaks, a moment after it.
    await expect.poll(() => children.filter(isAlive), { timeout: DECODERS_END_WITHIN_MS }).toEqual([]);
  });

  it('plays own music, names the file that is none, and leaves nothing when it is killed', async () => {
    const port = await freePort();
    const started = npmStart('--port', String(port), '--music', writeMusic());
    await untilPlaying(started, port);
    await expect.poll(() => started.output(), { timeout: 10_000 }).toContain('02 Broken.flac');
    const children = descendants(started.pid);
    process.kill(-started.pid, 'SIGKILL');
    await started.ended;
    await expect.poll(() => children.filter(isAlive), { timeout: END_WITHIN_MS }).toEqual([]);
  });

  it('names a flag that it does not know, and a port that is taken', async () => {
    const unknown = npmStart('--musik', 'x');
    expect(await unknown.ended).toBe(2);
    expect(unknown.output()).toContain('--musik');
    const server = createServer().listen(0, '0.0.0.0');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const taken = npmStart('--port', String(port));
    expect(await taken.ended).toBe(2);
    expect(taken.output()).toContain(`port ${port} is in use`);
    server.close();
  });
});
