/**
 * An evening of real processes with their flight recorders on: a bridge and a speaker, music, a bridge that is killed for a
 * few seconds and comes back. What it leaves are recordings as a home would leave them.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askOwnDoor } from '#device/adapters/lan-door/own-door-client';
import { encodeWav } from '#sim/music/wav-file';
import { HouseholdProcesses } from '#sim/processes/household-processes';

const RATE = 48_000;
const TRACK_SECONDS = 8;
const NAMES = ['01 Song of the lake', '02 Song of the shore'];
const RECORD = ['--flight-recorder', 'on'];
const SOON_MS = 60_000;
/** What people hear of it is nothing: there is more than that in the buffer. */
const BRIDGE_AWAY_MS = 2_500;
const LISTENED_MS = 1_200;
const TONE_HZ = 440;

export interface RecordedEvening {
  /** Of the speaker, through all of it. */
  readonly speaker: string;
  /** Of the bridge that came back. */
  readonly bridge: string;
  /** Of things in the house, none of which may stand in either. */
  readonly names: readonly string[];
}

/** @returns the texts of both recordings */
export async function recordEvening(): Promise<RecordedEvening> {
  const house = await HouseholdProcesses.create();
  try {
    const music = join(house.folder, 'music');
    await mkdir(music);
    for (const [place, name] of NAMES.entries()) await writeFile(join(music, `${name}.wav`), tone(place + 1));
    await house.startBridge({ music, args: RECORD });
    const phone = house.phone();
    await phone.until('ingested', ({ ingest }) => ingest.done === NAMES.length, SOON_MS);
    const speaker = await house.startSpeaker({ name: 'Kitchen', args: RECORD });
    await phone.until('online', ({ speakers }) => speakers.some(({ isOnline }) => isOnline), SOON_MS);
    const uris = await trackUris(house.url);
    await phone.command('PUT', `/v1/me/player/play?device_id=${speaker.id}`, { uris });
    await phone.until('playing', ({ session }) => session.playback === 'playing', SOON_MS);
    // There is always a next one, however long a busy machine takes for the rest.
    await phone.command('PUT', '/v1/me/player/repeat?state=context');
    await pass(LISTENED_MS);
    await phone.command('PUT', '/v1/me/player/seek?position_ms=2000');
    await phone.command('PUT', '/v1/me/player/volume?volume_percent=25');
    house.bridge.kill('SIGKILL');
    await house.bridge.waitForExit(SOON_MS);
    await pass(BRIDGE_AWAY_MS);
    await house.startBridge({ args: RECORD });
    await phone.until('back', ({ speakers }) => speakers.some(({ isOnline }) => isOnline), SOON_MS);
    await phone.command('POST', '/v1/me/player/next');
    await pass(LISTENED_MS);
    await phone.command('PUT', '/v1/me/player/pause');
    await pass(LISTENED_MS);
    await askOwnDoor(join(house.folder, 'speaker-Kitchen', 'door.json'))('/tonearm/v1/flight-record', {});
    speaker.program.kill('SIGUSR2');
    // A loudspeaker that ran dry on a busy machine has left one already.
    const left = await speaker.program.waitForEvent('flight.written', SOON_MS, ({ reason }) => reason === 'SIGUSR2');
    const asked = (await phone.command('POST', '/tonearm/v1/flight-record')) as { readonly file: string };
    return {
      speaker: await readFile(String(left['file']), 'utf8'),
      bridge: await readFile(asked.file, 'utf8'),
      names: [speaker.id, String(house.port), ...uris.map((uri) => uri.replace(/^.*:/, ''))],
    };
  } catch (thrown) {
    throw new Error(`the evening went wrong\n${house.output()}`, { cause: thrown });
  } finally {
    await house.stop();
  }
}

async function trackUris(url: string): Promise<readonly string[]> {
  const answer = await fetch(`${url}/v1/search?type=track&limit=5&q=song`);
  const all = (await answer.text()).match(/(?:spotify|tonearm):track:[0-9A-Za-z]{22}/g) ?? [];
  const uris = [...new Set(all)];
  if (uris.length !== NAMES.length) throw new Error(`${uris.length} tracks are found`);
  return uris;
}

function tone(times: number): Uint8Array {
  const samples = Float32Array.from(
    { length: TRACK_SECONDS * RATE },
    (_, frame) => Math.sin((2 * Math.PI * TONE_HZ * times * frame) / RATE) / 8,
  );
  return encodeWav({ left: samples, right: samples, rate: RATE });
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
