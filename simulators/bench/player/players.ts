/**
 * The players that are measured, all commanded alike: ours through the bridge's REST door, as a phone does; MPD and mpv
 * over their own open connections. Each plays into a loudspeaker of its own.
 */

import { cp } from 'node:fs/promises';
import type { RunningSpeaker } from '#sim/processes/household-processes';
import { MpdClient } from '#sim/processes/mpd-client';
import { MpdProcess, mpdVersion } from '#sim/processes/mpd-process';
import { MpvProcess, mpvVersion } from '#sim/processes/mpv-process';
import type { PrivatePulseaudio } from '#sim/processes/private-pulseaudio';
import type { Recorder } from '#sim/processes/recorder';
import type { RestPhone } from '#sim/processes/rest-phone';
import { peerFileName } from './material.ts';

const READY_WITHIN_MS = 20_000;
const POLL_EVERY_MS = 20;

export interface MeasuredPlayer {
  readonly name: string;
  /** Its loudspeaker. */
  readonly sink: string;
  readonly pid: number;
  /** Plays these tracks from the beginning of the first; resolves when that is accepted. */
  play(tracks: readonly number[]): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  next(): Promise<void>;
  seek(seconds: number): Promise<void>;
  /** What it printed last, for an error. */
  output(): string;
  stop(): Promise<void>;
}

export function oursOf(
  phone: RestPhone,
  speaker: RunningSpeaker,
  sink: string,
  uris: readonly string[],
): MeasuredPlayer {
  const player = '/v1/me/player';
  const device = `device_id=${speaker.id}`;
  const command = async (method: string, path: string, body?: unknown) => {
    await phone.command(method, `${player}/${path}`, body);
  };
  return {
    name: 'tonearm',
    sink,
    pid: speaker.program.pid,
    play: (tracks) => command('PUT', `play?${device}`, { uris: tracks.map((track) => uris[track]) }),
    pause: () => command('PUT', `pause?${device}`),
    resume: () => command('PUT', `play?${device}`),
    next: () => command('POST', `next?${device}`),
    seek: (seconds) => command('PUT', `seek?${device}&position_ms=${seconds * 1000}`),
    output: () => speaker.program.output(),
    stop: () => speaker.program.stop(),
  };
}

/** Where the peer files are. */
export type PeerMusic =
  | { readonly kind: 'web'; readonly url: string }
  | { readonly kind: 'disk'; readonly folder: string };

export async function startMpd(pulse: PrivatePulseaudio, sink: string, music: PeerMusic): Promise<MeasuredPlayer> {
  const output = ['type "pulse"', 'name "bench"', `sink "${sink}"`];
  const mpd = await MpdProcess.start({ output, env: pulse.environment() });
  let client: MpdClient;
  try {
    await mpd.untilAnswering(READY_WITHIN_MS);
    if (music.kind === 'disk') await cp(music.folder, mpd.musicFolder, { recursive: true });
    client = await MpdClient.connect(mpd.port);
    if (music.kind === 'disk') await readLibrary(client);
  } catch (thrown) {
    await mpd.stop();
    throw thrown;
  }
  const command = async (line: string) => {
    await client.command(line);
  };
  return {
    name: `mpd ${mpdVersion()}`,
    sink,
    pid: mpd.program.pid,
    play: async (tracks) => {
      const base = music.kind === 'web' ? `${music.url}/` : '';
      const adding = tracks.map((track) => `add "${base}${peerFileName(track)}"`);
      await command(['command_list_begin', 'clear', ...adding, 'play 0', 'command_list_end'].join('\n'));
    },
    pause: () => command('pause 1'),
    resume: () => command('pause 0'),
    next: () => command('next'),
    seek: (seconds) => command(`seekcur ${seconds}`),
    output: () => mpd.program.output(),
    stop: async () => {
      client.close();
      await mpd.stop();
    },
  };
}

async function readLibrary(client: MpdClient): Promise<void> {
  await client.command('update');
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  while ((await client.command('status')).includes('updating_db')) {
    if (performance.now() > giveUpAt) throw new Error('mpd does not finish reading its library');
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
  }
}

/** @param musicUrl where the peer files are */
export async function startMpv(pulse: PrivatePulseaudio, sink: string, musicUrl: string): Promise<MeasuredPlayer> {
  const mpv = await MpvProcess.start(['--ao=pulse', `--audio-device=pulse/${sink}`], pulse.environment());
  const load = (track: number, ...how: readonly string[]) =>
    mpv.command('loadfile', `${musicUrl}/${peerFileName(track)}`, ...how);
  return {
    name: `mpv ${mpvVersion()}`,
    sink,
    pid: mpv.program.pid,
    play: async ([first = 0, ...rest]) => {
      // Told with the file: what was paused before would else be heard until the new one is there.
      await load(first, 'replace', 'pause=no');
      for (const track of rest) await load(track, 'append');
    },
    pause: () => mpv.command('set_property', 'pause', true),
    resume: () => mpv.command('set_property', 'pause', false),
    next: () => mpv.command('playlist-next'),
    seek: (seconds) => mpv.command('seek', seconds, 'absolute'),
    output: () => mpv.program.output(),
    stop: () => mpv.stop(),
  };
}

/** Starts a player and its recorder, and ends both whatever happens; what goes wrong says what the player printed. */
export async function withPlayer<Value>(
  pulse: PrivatePulseaudio,
  start: () => Promise<MeasuredPlayer>,
  use: (player: MeasuredPlayer, recorder: Recorder) => Promise<Value>,
): Promise<Value> {
  const player = await start();
  let recorder: Recorder | undefined;
  try {
    recorder = await pulse.record(player.sink);
    return await use(player, recorder);
  } catch (cause) {
    throw new Error(`${player.name}: ${cause instanceof Error ? cause.message : cause}\n${player.output()}`, { cause });
  } finally {
    await player.stop();
    await recorder?.stop();
  }
}
