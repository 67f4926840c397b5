/** A bridge that asks nobody, with one track, for a speaker's binary to find and to play: what is tried on a board's stand-in. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { encodeWav } from '#sim/music/wav-file';
import { ChildProgram } from '#sim/processes/child-program';
import { RestPhone } from '#sim/processes/rest-phone';

const BRIDGE = path.join(import.meta.dirname, '..', '..', 'cloud-bridge', 'app', 'main.ts');
const RATE_HZ = 48_000;
/** Long enough for several segments and for what is made at a start and at an end. */
const TRACK_SECONDS = 20;
/** Emulated on a busy machine everything takes its time. */
const WITHIN_MS = 180_000;

export class OpenHouse {
  readonly #bridge: ChildProgram;
  readonly #phone: RestPhone;
  /** What a speaker is told with `--bridge`. */
  readonly address: string;

  private constructor(bridge: ChildProgram, port: unknown) {
    this.#bridge = bridge;
    this.#phone = new RestPhone(`http://127.0.0.1:${port}`);
    this.address = `ws://127.0.0.1:${port}`;
  }

  /** @param folder for the bridge and its music @param track a file of music; null: noise that nobody else has */
  static async open(folder: string, track: string | null, noiseSeconds = TRACK_SECONDS): Promise<OpenHouse> {
    const music = path.join(folder, 'music');
    mkdirSync(music, { recursive: true });
    if (track === null) {
      const samples = fingerprintTrack(11, noiseSeconds * RATE_HZ);
      writeFileSync(path.join(music, 'track.wav'), encodeWav({ left: samples, right: samples, rate: RATE_HZ }));
    } else copyFileSync(track, path.join(music, path.basename(track)));
    const flags = ['--host', '127.0.0.1', '--port', '0', '--access', 'open', '--no-mdns'];
    const bridge = new ChildProgram('bridge', process.execPath, [
      ...['--disable-warning=ExperimentalWarning', BRIDGE, ...flags],
      ...['--data', path.join(folder, 'bridge'), '--music', music],
    ]);
    const { port } = await bridge.waitForEvent('bridge.ready', WITHIN_MS);
    const house = new OpenHouse(bridge, port);
    // In all its qualities: which of them there are decides which is played.
    await bridge.waitForEvent('ingest.done', WITHIN_MS);
    return house;
  }

  /** Resolves when this speaker is seen. */
  async sees(id: string): Promise<void> {
    await this.#phone.until(
      'it is seen',
      ({ speakers }) => speakers.some((it) => it.id === id && it.isOnline),
      WITHIN_MS,
    );
  }

  /** Resolves when this speaker is not seen. */
  async misses(id: string): Promise<void> {
    const isSeen = (it: { readonly id: string; readonly isOnline: boolean }) => it.id === id && it.isOnline;
    await this.#phone.until('it is not seen', ({ speakers }) => !speakers.some(isSeen), WITHIN_MS);
  }

  /** Asks a speaker to play the track from its beginning. */
  async begin(id: string): Promise<void> {
    await this.#phone.command('PUT', `/v1/me/player/play?device_id=${id}`, { context_uri: 'tonearm:library' });
  }

  /** Plays the track on a speaker from its beginning. @param forMs or to its end, whichever comes first */
  async play(id: string, forMs: number): Promise<void> {
    await this.begin(id);
    await this.#phone.until(
      'it plays',
      ({ session }) => session.playback === 'playing' && session.positionMs > 0,
      WITHIN_MS,
    );
    await this.#phone.until(
      'it has played',
      ({ session }) => session.playback !== 'playing' || session.positionMs >= forMs,
      forMs + WITHIN_MS,
    );
  }

  close(): Promise<void> {
    return this.#bridge.stop();
  }
}
