/**
 * Everything that the rows of the player bench share: loudspeakers, a bridge that has taken in the material, a server
 * of the same material for the peers. What a row starts on it, it also stops.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { missingForNginx, NginxProcess } from '#sim/edge/nginx-process';
import type { KnownTrack } from '#sim/listening/where-is';
import { ChildProgram } from '#sim/processes/child-program';
import type { FarEdgeSettings } from '#sim/processes/far-edge/far-edge-settings';
import { FarEdgeProcess } from '#sim/processes/far-edge-process';
import { HouseholdProcesses, type RunningSpeaker } from '#sim/processes/household-processes';
import { missingForMpd } from '#sim/processes/mpd-process';
import { missingForMpv } from '#sim/processes/mpv-process';
import { missingForPulseaudio, PrivatePulseaudio } from '#sim/processes/private-pulseaudio';
import type { RestPhone } from '#sim/processes/rest-phone';
import { readServiceStart } from '#sim/processes/service-start';
import {
  createTurningTracks,
  SEGUE_TITLES,
  type TurningTrack,
  writePeerFiles,
  writeSegue,
  writeTurningTracks,
} from './material.ts';
import { type MeasuredPlayer, oursOf, startMpd, startMpv } from './players.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const BUNDLER = join(ROOT, 'firmware-scripts', 'bundle', 'bundle.ts');
const BUNDLED_SPEAKER = join(ROOT, '.build', 'bundle', 'speaker', 'main.js');
const BUNDLED_WITHIN_MS = 120_000;
const READY_WITHIN_MS = 20_000;
const INGEST_WITHIN_MS = 300_000;
const POLL_EVERY_MS = 250;
const LADDER_FILES = 4;
/** Folders in that of the household. */
const [MUSIC, PEERS] = ['music', 'peers'];
const OUR_SINK = 'spk1';
/** Ways of ours to the loudspeaker; the first is the one that figures are of unless they say so. */
export const OUR_OUTPUTS = [`pulse:${OUR_SINK}`, `alsa:${OUR_SINK}`] as const;
const MPD_SINK = 'spk2';
const MPV_SINK = 'spk3';

export interface Material {
  readonly tracks: number;
  readonly trackSeconds: number;
}

export interface OurOptions {
  /** Port at which it finds the bridge; default: the bridge's own. */
  readonly bridgePort?: number;
  /** Default: the first of `OUR_OUTPUTS`. */
  readonly output?: string;
  readonly args?: readonly string[];
  /** Of Node, before the program. */
  readonly nodeArgs?: readonly string[];
  /** Default: a fresh one, with nothing cached in it. */
  readonly dataFolder?: string;
  /** Default: the one that runs this. */
  readonly node?: string;
}

export interface OurSpeaker {
  readonly player: MeasuredPlayer;
  readonly speaker: RunningSpeaker;
  readonly dataFolder: string;
}

export class PlayerStage {
  readonly pulse: PrivatePulseaudio;
  readonly house: HouseholdProcesses;
  readonly phone: RestPhone;
  readonly tracks: readonly TurningTrack[];
  /** Of the tracks, then of the two halves of the piece. */
  readonly uris: readonly string[];
  readonly #files: NginxProcess;
  #started = 0;

  private constructor(parts: {
    readonly pulse: PrivatePulseaudio;
    readonly house: HouseholdProcesses;
    readonly tracks: readonly TurningTrack[];
    readonly uris: readonly string[];
    readonly files: NginxProcess;
  }) {
    this.pulse = parts.pulse;
    this.house = parts.house;
    this.phone = parts.house.phone();
    this.tracks = parts.tracks;
    this.uris = parts.uris;
    this.#files = parts.files;
  }

  /** What it cannot do without here; null: nothing. */
  static missing(): string | null {
    return missingForPulseaudio() ?? missingForMpd() ?? missingForMpv() ?? missingForNginx();
  }

  static async open({ tracks: count, trackSeconds }: Material): Promise<PlayerStage> {
    const ending: (() => Promise<unknown>)[] = [];
    try {
      await bundleSpeaker();
      const pulse = await PrivatePulseaudio.start([OUR_SINK, MPD_SINK, MPV_SINK].map((name) => ({ name })));
      ending.push(() => pulse.stop());
      const house = await HouseholdProcesses.create();
      ending.push(() => house.stop());
      const tracks = createTurningTracks(count, trackSeconds);
      const [music, peers] = [join(house.folder, MUSIC), join(house.folder, PEERS)];
      await writeTurningTracks(music, tracks);
      await writeSegue(join(music, 'segue'));
      await house.startBridge({ music });
      await writePeerFiles(peers, tracks);
      const files = await NginxProcess.startStatic(peers);
      ending.push(() => files.stop());
      const uris = await completeTracks(house.url, [...tracks.map(({ title }) => title), ...SEGUE_TITLES]);
      return new PlayerStage({ pulse, house, tracks, uris, files });
    } catch (thrown) {
      for (const end of ending.toReversed()) await end();
      throw thrown;
    }
  }

  /** Numbers of the two halves of the piece. */
  get segue(): readonly number[] {
    return SEGUE_TITLES.map((_, index) => this.tracks.length + index);
  }

  /** Where the bridge finds its music, to start it again. */
  get musicFolder(): string {
    return join(this.house.folder, MUSIC);
  }

  /** Where the peers find their files without a way. */
  get musicUrl(): string {
    return this.#files.url;
  }

  /** On its port and data; whatever it was told before beyond its music is forgotten. */
  async restartBridge(args: readonly string[] = []): Promise<void> {
    await this.house.bridge.stop();
    await this.house.startBridge({ music: this.musicFolder, args });
  }

  /** A way to the bridge, for our speaker. */
  wayToBridge(settings: Partial<FarEdgeSettings> = {}): Promise<FarEdgeProcess> {
    return FarEdgeProcess.start(this.house.port, settings);
  }

  /** The same way to the peers' files. */
  wayToFiles(settings: Partial<FarEdgeSettings> = {}): Promise<FarEdgeProcess> {
    return FarEdgeProcess.start(Number(new URL(this.#files.url).port), { ...settings, scope: 'all' });
  }

  /** The speaker as it ships, connected. */
  async startOurs(options: OurOptions = {}): Promise<OurSpeaker> {
    this.#started += 1;
    const name = `Player ${this.#started}`;
    const dataFolder = options.dataFolder ?? join(this.house.folder, `player-${this.#started}`);
    await mkdir(dataFolder, { recursive: true });
    const program = this.runOurs({ ...options, dataFolder });
    try {
      const ready = await program.waitForEvent('speaker.ready', READY_WITHIN_MS);
      await program.waitForEvent('speaker.connected', READY_WITHIN_MS);
      const speaker = { name, id: String(ready['id']), program };
      return { player: oursOf(this.phone, speaker, OUR_SINK, this.uris), speaker, dataFolder };
    } catch (thrown) {
      await program.stop();
      throw thrown;
    }
  }

  /** Only starts its process, on data that is there already. */
  runOurs(options: OurOptions & { readonly dataFolder: string }): ChildProgram {
    const service = readServiceStart();
    const args = [
      ...service.nodeArgs,
      ...(options.nodeArgs ?? []),
      BUNDLED_SPEAKER,
      ...['--data', options.dataFolder, '--name', 'Player', '--sink', options.output ?? OUR_OUTPUTS[0], '--no-mdns'],
      ...['--lan-port', '0', '--bridge', `ws://127.0.0.1:${options.bridgePort ?? this.house.port}`],
      ...(options.args ?? []),
    ];
    const env = { ...service.env, ...this.pulse.environment() };
    return new ChildProgram('speaker', options.node ?? process.execPath, args, { env });
  }

  /** @param musicUrl null: it has the files on its own disk */
  startMpd(musicUrl: string | null = this.musicUrl): Promise<MeasuredPlayer> {
    const disk = { kind: 'disk', folder: join(this.house.folder, PEERS) } as const;
    return startMpd(this.pulse, MPD_SINK, musicUrl === null ? disk : { kind: 'web', url: musicUrl });
  }

  startMpv(musicUrl: string = this.musicUrl): Promise<MeasuredPlayer> {
    return startMpv(this.pulse, MPV_SINK, musicUrl);
  }

  async close(): Promise<void> {
    await this.#files.stop();
    await this.house.stop();
    await this.pulse.stop();
  }
}

async function bundleSpeaker(): Promise<void> {
  const bundler = new ChildProgram('bundle', process.execPath, [BUNDLER], { cwd: ROOT });
  const code = await bundler.waitForExit(BUNDLED_WITHIN_MS);
  if (code !== 0 || !existsSync(BUNDLED_SPEAKER)) {
    throw new Error(`the speaker could not be bundled\n${bundler.output()}`);
  }
}

/** Waits until all are there in all qualities: an encoder at work would be heard in every figure. */
async function completeTracks(url: string, titles: readonly string[]): Promise<readonly string[]> {
  const giveUpAt = performance.now() + INGEST_WITHIN_MS;
  while (performance.now() < giveUpAt) {
    const listed = (await (await fetch(`${url}/tonearm/v1/tracks?limit=50`)).json()) as {
      items: readonly { readonly id: string; readonly title: string }[];
    };
    const ids = titles.map((title) => listed.items.find((item) => item.title === title)?.id);
    const known = ids.filter((id) => id !== undefined);
    const ladders = await Promise.all(known.map((id) => filesOf(`${url}/content/v1/manifests/${id}`)));
    if (ladders.length === titles.length && ladders.every((files) => files === LADDER_FILES)) {
      return known.map((id) => `tonearm:track:${id}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
  }
  throw new Error(`the material was not encoded within ${INGEST_WITHIN_MS} ms`);
}

async function filesOf(url: string): Promise<number> {
  const answer = await fetch(url);
  const manifest = (await answer.json()) as { readonly files?: readonly unknown[] };
  return answer.status === 200 ? (manifest.files?.length ?? 0) : 0;
}

/** For an ear that has to know it. @throws RangeError when there is none of that number */
export function knownTrack({ tracks }: Pick<PlayerStage, 'tracks'>, index: number): KnownTrack {
  const track = tracks[index];
  if (track === undefined) throw new RangeError(`there is no track ${index}`);
  return { name: track.title, samples: track.samples };
}
