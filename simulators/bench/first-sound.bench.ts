/**
 * What a newcomer with music of their own waits for: `npm start -- --music DIR` on a library that was never ingested,
 * until the first track is heard at the loudspeaker, and how far the rest of the library is then.
 *
 * The figure runs from the start of the command, and from the moment the bridge listens, to the first sample in the
 * recording of the sink; the recording path's 5 to 8 ms are in it.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onsetAfter } from '#sim/listening/where-is';
import { ChildProgram } from '#sim/processes/child-program';
import { comeIn, ownerLinkIn } from '#sim/processes/come-in';
import { freePort } from '#sim/processes/free-port';
import { missingForPulseaudio, PrivatePulseaudio } from '#sim/processes/private-pulseaudio';
import { RECORDING_RATE_HZ } from '#sim/processes/recorder';
import { RestPhone } from '#sim/processes/rest-phone';
import { type Bench, type BenchOptions, createFigure, type Figure } from './bench.ts';

const execute = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');
const START = join(ROOT, 'simulators', 'household', 'start.ts');
const RUNS = 5;
const OGG_TRACKS = 14;
const TRACK_SECONDS = 180;
const SMOKE_TRACKS = 2;
const SMOKE_SECONDS = 5;
const FIRST_SOUND_MUST_MS = 10_000;
const HEARD_WITHIN_MS = 60_000;
const POLL_EVERY_MS = 10;

interface Round {
  readonly fromCommandMs: number;
  readonly fromBridgeMs: number;
  readonly tracksWaiting: number;
}

export const firstSoundBench: Bench = {
  name: 'first-sound',
  about: 'npm start with music of one’s own, never ingested: how soon it sounds',
  run: runFirstSoundBench,
};

async function runFirstSoundBench({ isSmoke, say }: BenchOptions): Promise<readonly Figure[]> {
  const missing = missingForPulseaudio();
  if (missing !== null) {
    say(`first-sound is not measured: ${missing}`);
    return [];
  }
  const folder = await mkdtemp(join(tmpdir(), 'tonearm-first-sound-'));
  try {
    const music = join(folder, 'music');
    await makeLibrary(music, isSmoke);
    const rounds: Round[] = [];
    for (let round = 0; round < (isSmoke ? 1 : RUNS); round += 1) {
      rounds.push(await measureStart(music, join(folder, `data-${round}`)));
      say(`round ${round + 1}: ${Math.round(rounds.at(-1)?.fromBridgeMs ?? 0)} ms`);
    }
    const figure = (key: string, unit: string, pick: (round: Round) => number) =>
      createFigure({ key, unit, values: rounds.map(pick), better: 'lower' });
    return [
      createFigure({
        key: 'bridge listening → first sound, library never ingested',
        unit: 'ms',
        values: rounds.map((round) => round.fromBridgeMs),
        must: FIRST_SOUND_MUST_MS,
        better: 'lower',
      }),
      figure('command → first sound, library never ingested', 'ms', (round) => round.fromCommandMs),
      figure('tracks still being ingested at first sound', 'tracks', (round) => round.tracksWaiting),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Tagged Ogg Vorbis, a FLAC and an MP3 among them. */
async function makeLibrary(music: string, isSmoke: boolean): Promise<void> {
  await mkdir(music, { recursive: true });
  const oggTracks = isSmoke ? SMOKE_TRACKS : OGG_TRACKS;
  const seconds = isSmoke ? SMOKE_SECONDS : TRACK_SECONDS;
  const formats = [...Array.from({ length: oggTracks }, () => 'ogg'), 'flac', 'mp3'];
  for (const [index, format] of formats.entries()) {
    const pitch = 110 * 2 ** (index / 12);
    const sound = `aevalsrc=0.2*sin(2*PI*${pitch}*t)*(1+sin(2*PI*t/2))|0.2*sin(2*PI*${pitch * 1.5}*t):s=44100:d=${seconds}`;
    const tags = [`title=Piece ${index + 1}`, 'artist=The Bench', 'album=Sixteen Pieces', `track=${index + 1}`];
    const number = String(index + 1).padStart(2, '0');
    await execute('ffmpeg', [
      ...['-v', 'error', '-y', '-f', 'lavfi', '-i', sound],
      ...tags.flatMap((tag) => ['-metadata', tag]),
      join(music, `${number} Piece ${index + 1}.${format}`),
    ]);
  }
}

async function measureStart(music: string, data: string): Promise<Round> {
  const pulse = await PrivatePulseaudio.start([{ name: 'spk1' }]);
  const recorder = await pulse.record('spk1');
  const port = await freePort();
  const startedAt = performance.now();
  const args = [START, '--music', music, '--data', data, '--port', String(port), '--sink', 'alsa:spk1'];
  const start = new ChildProgram('start', process.execPath, args, {
    env: { ...pulse.environment(), XDG_CONFIG_HOME: join(data, 'config') },
    cwd: ROOT,
  });
  try {
    const phone = new RestPhone(`http://127.0.0.1:${port}`);
    await untilListening(phone, start);
    const bridgeAt = performance.now();
    phone.sendAlong(await comeInAs(start, port));
    await phone.until('playing', ({ session }) => session.playback === 'playing', HEARD_WITHIN_MS);
    const { ingest } = await phone.household();
    let onset = onsetAfter(recorder.snapshot(), 0);
    while (onset === undefined) {
      if (performance.now() - startedAt > HEARD_WITHIN_MS) throw new Error(`nothing was heard\n${start.output()}`);
      await recorder.waitFrames(RECORDING_RATE_HZ / 10);
      onset = onsetAfter(recorder.snapshot(), 0);
    }
    const heardAt = recorder.snapshot().startedAtMs + (onset / RECORDING_RATE_HZ) * 1000;
    return {
      fromCommandMs: heardAt - startedAt,
      fromBridgeMs: heardAt - bridgeAt,
      tracksWaiting: ingest.found - ingest.done - ingest.failed,
    };
  } finally {
    await start.stop();
    await recorder.stop();
    await pulse.stop();
  }
}

/** As somebody who opens the address that is shown. @returns what a phone then sends along */
async function comeInAs(start: ChildProgram, port: number): Promise<Readonly<Record<string, string>>> {
  const giveUpAt = performance.now() + HEARD_WITHIN_MS;
  for (;;) {
    const link = ownerLinkIn(start.output());
    if (link !== undefined) return (await comeIn(`http://127.0.0.1:${port}${link}`)).headers;
    if (performance.now() > giveUpAt) throw new Error(`no link is shown\n${start.output()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
  }
}

async function untilListening(phone: RestPhone, start: ChildProgram): Promise<void> {
  const giveUpAt = performance.now() + HEARD_WITHIN_MS;
  while (performance.now() < giveUpAt) {
    const answer = await phone.call('GET', '/tonearm/v1/health').catch(() => undefined);
    if (answer?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
  }
  throw new Error(`the bridge does not listen\n${start.output()}`);
}
