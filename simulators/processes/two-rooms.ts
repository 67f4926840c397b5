/** Two real speakers in one house, each playing into a loudspeaker that is recorded: the music goes from room to room. */
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { type HandOverHeard, measureHandOver } from '#sim/listening/measure-hand-over';
import type { KnownTrack } from '#sim/listening/where-is';
import type { RunningSpeaker } from './household-processes.ts';
import { type ListeningRoom, openListeningRoom } from './listening-room.ts';
import { RECORDING_RATE_HZ, type RecordedStretch, type Recorder } from './recorder.ts';

const RATE = RECORDING_RATE_HZ;
/** Short, because all its qualities are encoded first; it is begun again after so many moves. */
const TRACK_SECONDS = 30;
const MOVES_A_TRACK = 3;
const TRACK_SEED = 77;
/** Recorded before the music is moved. */
const BEFORE_FRAMES = RATE;
/** ... and after: whoever was to fall silent has. */
const AFTER_FRAMES = RATE;
const LOOK_EVERY_FRAMES = RATE / 20;
const MOVED_WITHIN_MS = 20_000;
const LOUD_ABOVE = 100;

export interface Room {
  readonly speaker: RunningSpeaker;
  readonly recorder: Recorder;
}

export interface MovedMusic extends HandOverHeard {
  /** From the phone's asking to its answer. */
  readonly answeredAfterMs: number;
  /** Later blocks of either recording came so much later than earlier ones: above 1 ms the machine stalled. */
  readonly jumpMs: number;
}

export class TwoRooms {
  readonly house: ListeningRoom;
  readonly tracks: readonly KnownTrack[];
  #from: Room;
  #to: Room;
  #moves = 0;

  private constructor(house: ListeningRoom, tracks: readonly KnownTrack[], rooms: readonly [Room, Room]) {
    this.house = house;
    this.tracks = tracks;
    [this.#from, this.#to] = rooms;
  }

  /** Music plays in the first room when it resolves. */
  static async open(): Promise<TwoRooms> {
    const tracks = [{ name: '01 A long one', samples: fingerprintTrack(TRACK_SEED, TRACK_SECONDS * RATE) }];
    const listening = await openListeningRoom(tracks, 'kitchen', 'study');
    try {
      const kitchen = await enter(listening, 'Kitchen', 'kitchen');
      const study = await enter(listening, 'Study', 'study');
      const rooms = new TwoRooms(listening, tracks, [kitchen, study]);
      await rooms.playHere();
      return rooms;
    } catch (thrown) {
      await listening.stop();
      throw thrown;
    }
  }

  /** Where the music is. */
  get here(): Room {
    return this.#from;
  }

  async playHere(): Promise<void> {
    const { speaker, recorder } = this.#from;
    const body = { context_uri: 'tonearm:library' };
    await this.house.phone.command('PUT', `/v1/me/player/play?device_id=${speaker.id}`, body);
    await this.#untilLoud(recorder, recorder.mark());
  }

  /** Moves it to the other room and listens to both. */
  async move(): Promise<MovedMusic> {
    const [from, to] = [this.#from, this.#to];
    this.#moves += 1;
    if (this.#moves % MOVES_A_TRACK === 0) await this.house.phone.command('PUT', '/v1/me/player/seek?position_ms=1000');
    await from.recorder.waitFrames(BEFORE_FRAMES);
    const marks = [from.recorder.mark() - BEFORE_FRAMES, to.recorder.mark() - BEFORE_FRAMES] as const;
    const askedAtMs = performance.now();
    await this.house.phone.command('PUT', '/v1/me/player', { device_ids: [to.speaker.id] });
    const answeredAfterMs = performance.now() - askedAtMs;
    await this.#untilLoud(to.recorder, marks[1]);
    await to.recorder.waitFrames(AFTER_FRAMES);
    const [left, entered] = [from.recorder.stretch(marks[0]), to.recorder.stretch(marks[1])];
    [this.#from, this.#to] = [to, from];
    const heard = measureHandOver(left, entered, this.tracks);
    return { ...heard, answeredAfterMs, jumpMs: Math.max(left.jumpMs, entered.jumpMs) };
  }

  async close(): Promise<void> {
    await Promise.all([this.#from.recorder.stop(), this.#to.recorder.stop()]);
    await this.house.stop();
  }

  async #untilLoud(recorder: Recorder, from: number): Promise<void> {
    const giveUpAt = performance.now() + MOVED_WITHIN_MS;
    while (!isLoud(recorder.stretch(from))) {
      if (performance.now() > giveUpAt) throw new Error(`nothing is heard\n${this.house.house.output()}`);
      await recorder.waitFrames(LOOK_EVERY_FRAMES);
    }
  }
}

async function enter({ house, pulse }: ListeningRoom, name: string, sink: string): Promise<Room> {
  const speaker = await house.startSpeaker({ name, sink: `pulse:${sink}`, env: pulse.environment() });
  return { speaker, recorder: await pulse.record(sink) };
}

function isLoud({ samples }: RecordedStretch): boolean {
  return samples.some((sample) => Math.abs(sample) > LOUD_ABOVE);
}
