/** A real speaker on a network of its own that is given another address while it plays: recorded, and timed until it is back. */
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { type Followed, followTrack } from '#sim/listening/follow-track';
import type { KnownTrack } from '#sim/listening/where-is';
import { NetworkRooms } from '#sim/rooms/network-rooms';
import type { RunningSpeaker } from './household-processes.ts';
import { type ListeningRoom, openListeningRoom } from './listening-room.ts';
import { RECORDING_RATE_HZ, type Recorder } from './recorder.ts';

const RATE = RECORDING_RATE_HZ;
const ROOM = 'kitchen';
const SINK = ROOM;
const TRACK_SECONDS = 30;
const SETTLED_FRAMES = RATE;
const AFTER_FRAMES = RATE;
const GONE_WITHIN_MS = 10_000;
const BACK_WITHIN_MS = 20_000;
/** Of sound in the speaker: what a busy machine's stalls cost is not what is asked here. */
const LATENCY_MS = 500;

export interface Readdressed {
  /** From the change of the address until the bridge has a new link from the new one. */
  readonly backAfterMs: number;
  readonly heard: Followed;
  /** For how long the machine stood still at most. */
  readonly stallMs: number;
}

export class MovingSpeaker {
  readonly house: ListeningRoom;
  readonly #network: NetworkRooms;
  readonly #firstAddress: string;
  readonly #track: KnownTrack;
  readonly #speaker: RunningSpeaker;
  readonly #recorder: Recorder;
  #changes = 0;

  private constructor(
    house: ListeningRoom,
    network: NetworkRooms,
    parts: { readonly track: KnownTrack; readonly speaker: RunningSpeaker; readonly recorder: Recorder },
  ) {
    this.house = house;
    this.#network = network;
    this.#firstAddress = network.rooms[0]?.address ?? '';
    this.#track = parts.track;
    this.#speaker = parts.speaker;
    this.#recorder = parts.recorder;
  }

  static async open(): Promise<MovingSpeaker> {
    const track = { name: '01 A long one', samples: fingerprintTrack(93, TRACK_SECONDS * RATE) };
    const network = await NetworkRooms.open([ROOM]);
    const house = await openListeningRoom([track], SINK).catch(async (thrown: unknown) => {
      await network.close();
      throw thrown;
    });
    try {
      // In place, on every address: the speaker comes from another network.
      await house.house.bridge.stop();
      await house.house.startBridge({ host: '0.0.0.0' });
      const speaker = await house.house.startSpeaker({
        name: 'Kitchen',
        sink: `pulse:${SINK}`,
        bridge: `ws://${network.hostAddress}:${house.house.port}`,
        env: house.pulse.environment(),
        args: ['--latency', String(LATENCY_MS)],
        netns: network.rooms[0]?.namespace ?? '',
      });
      const recorder = await house.pulse.record(SINK);
      const body = { context_uri: 'tonearm:library' };
      await house.phone.command('PUT', `/v1/me/player/play?device_id=${speaker.id}`, body);
      await house.phone.command('PUT', '/v1/me/player/repeat?state=context');
      return new MovingSpeaker(house, network, { track, speaker, recorder });
    } catch (thrown) {
      await house.stop();
      await network.close();
      throw thrown;
    }
  }

  /** Plays from the track's beginning, changes the address, and listens until a while after the speaker is back. */
  async readdress(): Promise<Readdressed> {
    const { phone } = this.house;
    await phone.command('PUT', '/v1/me/player/seek?position_ms=0');
    await phone.until('playing', ({ session }) => session.playback === 'playing');
    await this.#recorder.waitFrames(SETTLED_FRAMES);
    const from = this.#recorder.mark();
    const changedAtMs = performance.now();
    // Another one, and then its old one again.
    await this.#network.readdress(ROOM, this.#changes % 2 === 1 ? this.#firstAddress : null);
    this.#changes += 1;
    const { program } = this.#speaker;
    const times = this.#changes;
    await program.waitForCount('speaker.disconnected', times, GONE_WITHIN_MS);
    // Once more than it was lost: the first time was when it was switched on.
    await program.waitForCount('speaker.connected', times + 1, BACK_WITHIN_MS);
    const backAfterMs = performance.now() - changedAtMs;
    await this.#recorder.waitFrames(AFTER_FRAMES);
    const stretch = this.#recorder.stretch(from);
    return { backAfterMs, heard: followTrack(stretch, this.#track, 0, stretch.frameCount), stallMs: stretch.stallMs };
  }

  async close(): Promise<void> {
    await this.#recorder.stop();
    await this.house.stop();
    await this.#network.close();
  }
}
