/**
 * A bridge that is killed while music plays, and started again at once, with a phone that asks for something in that very
 * moment and asks again under the same key until it is told that it was done. What must hold: the music is heard on
 * without a break, and everything that was asked for is done once.
 */

import type { HouseholdSnapshot } from '#protocol/wire/household';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { type Followed, followTrack } from '#sim/listening/follow-track';
import type { KnownTrack } from '#sim/listening/where-is';
import type { SeededRandom } from '#sim/world/seeded-random';
import type { RunningSpeaker } from './household-processes.ts';
import { type ListeningRoom, openListeningRoom } from './listening-room.ts';
import { RECORDING_RATE_HZ, type Recorder } from './recorder.ts';

const RATE = RECORDING_RATE_HZ;
const SINK = 'kitchen';
const TRACK_SECONDS = 30;
const SHORT_SECONDS = 3;
/** After a change, until what is heard is what was asked for. */
const SETTLED_FRAMES = RATE;
/** Listened to after the bridge is back. */
const AFTER_FRAMES = RATE / 2;
/** The kill comes so long after the phone has asked: before, while and after it is answered. */
const KILL_AFTER_MAX_MS = 30;
/** A speaker whose links keep breaking waits up to 15 s before it dials, and a bridge starts in seconds on a busy machine. */
const BACK_WITHIN_MS = 40_000;
/** Of sound in the speaker: what a busy machine's stalls cost is not what is asked here. */
const LATENCY_MS = 500;
const ASK_AGAIN_AFTER_MS = 50;
/** Entries of the queue that a phone is shown. */
const SHOWN_MAX = 20;
/** Recorders hear ten minutes. */
const ROUNDS_A_RECORDER = 20;
const KEY_LENGTH = 22;
const SHOWN_WITHIN_MS = 3_000;

export interface KilledRound {
  /** Of the whole time from before the kill until the speaker has its bridge again. */
  readonly heard: Followed;
  readonly lostCommands: number;
  readonly doubledCommands: number;
  /** From the kill until the speaker was connected again. */
  readonly backAfterMs: number;
  /** Whether the phone had its answer before the kill. */
  readonly wasAnswered: boolean;
  /** For how long the machine stood still at most. */
  readonly stallMs: number;
}

export class KilledBridge {
  readonly house: ListeningRoom;
  readonly #long: KnownTrack;
  readonly #speaker: RunningSpeaker;
  readonly #uris: { readonly long: string; readonly short: string };
  #recorder: Recorder;
  #rounds = 0;
  #queued = 0;

  private constructor(
    house: ListeningRoom,
    parts: { readonly long: KnownTrack; readonly speaker: RunningSpeaker; readonly recorder: Recorder },
    uris: { readonly long: string; readonly short: string },
  ) {
    this.house = house;
    this.#long = parts.long;
    this.#speaker = parts.speaker;
    this.#recorder = parts.recorder;
    this.#uris = uris;
  }

  static async open(): Promise<KilledBridge> {
    const long = { name: '01 A long one', samples: fingerprintTrack(91, TRACK_SECONDS * RATE) };
    const short = { name: '02 A short one', samples: fingerprintTrack(92, SHORT_SECONDS * RATE) };
    const house = await openListeningRoom([long, short], SINK);
    try {
      const env = house.pulse.environment();
      const args = ['--latency', String(LATENCY_MS)];
      const speaker = await house.house.startSpeaker({ name: 'Kitchen', sink: `pulse:${SINK}`, env, args });
      const recorder = await house.pulse.record(SINK);
      const uris = { long: await uriOf(house, 'A long one'), short: await uriOf(house, 'A short one') };
      return new KilledBridge(house, { long, speaker, recorder }, uris);
    } catch (thrown) {
      await house.stop();
      throw thrown;
    }
  }

  /** Plays, kills (or, by SIGTERM, has it end as at an upgrade), starts again, and listens. */
  async round(random: SeededRandom, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<KilledRound> {
    await this.#begin();
    const from = this.#recorder.mark();
    const key = random.token(KEY_LENGTH);
    const asked = this.#enqueue(key);
    await new Promise((resolve) => setTimeout(resolve, random.fraction() * KILL_AFTER_MAX_MS));
    const { house, phone } = this.house;
    house.bridge.kill(signal);
    const killedAtMs = performance.now();
    const wasAnswered = await asked;
    await house.bridge.waitForExit(BACK_WITHIN_MS);
    await house.startBridge();
    const isBack = await phone.until(
      'the speaker is back',
      ({ speakers }) => speakers.some(({ id, isOnline }) => id === this.#speaker.id && isOnline),
      BACK_WITHIN_MS,
    );
    const backAfterMs = performance.now() - killedAtMs;
    if (isBack.session.playback !== 'playing') await phone.until('playing', playsOn, BACK_WITHIN_MS);
    if (!wasAnswered) await this.#askUntilAnswered(key);
    this.#queued += 1;
    const inQueue = await this.#countInQueue();
    await this.#recorder.waitFrames(AFTER_FRAMES);
    const stretch = this.#recorder.stretch(from);
    return {
      heard: followTrack(stretch, this.#long, 0, stretch.frameCount),
      lostCommands: Math.max(0, this.#queued - inQueue),
      doubledCommands: Math.max(0, inQueue - this.#queued),
      backAfterMs,
      wasAnswered,
      stallMs: stretch.stallMs,
    };
  }

  async close(): Promise<void> {
    await this.#recorder.stop();
    await this.house.stop();
  }

  /** The long track from its beginning, with a queue that still can be read whole. */
  async #begin(): Promise<void> {
    const { phone, pulse } = this.house;
    if (this.#rounds > 0 && this.#rounds % ROUNDS_A_RECORDER === 0) {
      await this.#recorder.stop();
      this.#recorder = await pulse.record(SINK);
    }
    if (this.#queued >= SHOWN_MAX - 1 || this.#rounds === 0) {
      const body = { uris: [this.#uris.long] };
      await phone.command('PUT', `/v1/me/player/play?device_id=${this.#speaker.id}`, body);
      this.#queued = 0;
    } else await phone.command('PUT', '/v1/me/player/seek?position_ms=0');
    this.#rounds += 1;
    await phone.until('playing', playsOn, BACK_WITHIN_MS);
    await this.#recorder.waitFrames(SETTLED_FRAMES);
  }

  /** @returns whether it was answered that it is done */
  async #enqueue(key: string): Promise<boolean> {
    try {
      const answer = await fetch(`${this.house.house.url}/v1/me/player/queue?uri=${this.#uris.short}`, {
        method: 'POST',
        headers: { 'idempotency-key': key },
      });
      await answer.arrayBuffer();
      return answer.ok;
    } catch {
      // The bridge is gone, or was in the middle of answering.
      return false;
    }
  }

  async #askUntilAnswered(key: string): Promise<void> {
    const giveUpAt = performance.now() + BACK_WITHIN_MS;
    while (!(await this.#enqueue(key))) {
      if (performance.now() > giveUpAt) throw new Error(`never answered\n${this.house.house.output()}`);
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_AFTER_MS));
    }
  }

  /** What is shown names tracks, which the bridge may still have to look up: given a while to show them all. */
  async #countInQueue(): Promise<number> {
    const count = ({ session }: { readonly session: { readonly next: readonly { readonly title: string }[] } }) =>
      session.next.filter(({ title }) => title.includes('short')).length;
    const isWhole = (household: HouseholdSnapshot) => count(household) >= this.#queued;
    const { phone } = this.house;
    return count(await phone.until('all queued', isWhole, SHOWN_WITHIN_MS).catch(() => phone.household()));
  }
}

function playsOn({ session }: { readonly session: { readonly playback: string } }): boolean {
  return session.playback === 'playing';
}

async function uriOf({ phone }: ListeningRoom, title: string): Promise<string> {
  const found = JSON.stringify(
    await phone.command('GET', `/v1/search?type=track&limit=5&q=${encodeURIComponent(title)}`),
  );
  const uri = /(?:spotify|tonearm):track:[0-9A-Za-z]{22}/.exec(found)?.[0];
  if (uri === undefined) throw new Error(`"${title}" is not found: ${found}`);
  return uri;
}
