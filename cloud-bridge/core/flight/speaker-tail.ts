/**
 * What a bridge that begins in the middle would have to be told by one speaker: its hello as it would say it now, and all of
 * its state. What it said is kept as text, and only looked into when that is asked.
 */
import type { FlightEvent, Noted } from '#protocol/kit/flight-recorder';
import { parseMessage } from '#protocol/wire/envelope';
import type { Hello } from '#protocol/wire/hello';
import { applyStateDifference, type StateSnapshot } from '#protocol/wire/playback-state';
import { speakerMessageSchema } from '#protocol/wire/speaker-message';

/** Differences that are kept before they are made one with the snapshot. */
const DIFFERENCES_MAX = 64;
/** As our speakers write them; another's state is then asked for by the replayed bridge, as from any speaker. */
const HELLO = '{"kind":"hello"';
const SNAPSHOT = '{"kind":"stateSnapshot"';
const DIFFERENCE = '{"kind":"stateDifference"';

type Standing = Omit<Noted, 'atUs'>;

export class SpeakerTail {
  readonly #link: number;
  readonly #arrival: Standing;
  #hello: string | null = null;
  #snapshot: string | null = null;
  #differences: string[] = [];

  /** @param arrival as it was noted when the link came */
  constructor(link: number, arrival: Standing) {
    this.#link = link;
    this.#arrival = arrival;
  }

  received(text: string): void {
    if (text.startsWith(HELLO)) this.#hello = text;
    else if (text.startsWith(SNAPSHOT)) {
      this.#snapshot = text;
      this.#differences = [];
    } else if (text.startsWith(DIFFERENCE)) {
      this.#differences.push(text);
      if (this.#differences.length >= DIFFERENCES_MAX) this.#state();
    }
  }

  standing(): readonly Standing[] {
    const hello = this.#hello === null ? null : read(this.#hello);
    if (hello?.kind !== 'hello') return [this.#arrival];
    const state = this.#state();
    const said = [this.#received(resumed(hello, state))];
    return [this.#arrival, ...said, ...(state === null ? [] : [this.#received(state)])];
  }

  /** The snapshot with all differences in it; it takes their place. */
  #state(): StateSnapshot | null {
    const snapshot = this.#snapshot === null ? null : read(this.#snapshot);
    if (snapshot?.kind !== 'stateSnapshot') return null;
    let state: StateSnapshot = snapshot;
    for (const text of this.#differences) {
      const difference = read(text);
      if (difference?.kind !== 'stateDifference') continue;
      const next = applyStateDifference(state, difference);
      // The bridge asked for a snapshot then; it has come, or will.
      if (next.ok) state = next.value;
    }
    this.#snapshot = JSON.stringify(state);
    this.#differences = [];
    return state;
  }

  #received(message: object): Standing {
    const event: FlightEvent = { kind: 'received', link: this.#link, text: JSON.stringify(message) };
    return { port: 'link', event };
  }
}

function read(text: string) {
  const parsed = parseMessage(speakerMessageSchema, text, 'what a speaker said');
  return parsed.ok ? parsed.value : null;
}

/** As it would say hello now, had its link been lost. */
function resumed(hello: Hello, state: StateSnapshot | null): Hello {
  if (state === null) return hello;
  const { epoch, revision, session } = state;
  const whose = session?.accountId === undefined ? {} : { accountId: session.accountId };
  const token = hello.resume?.token ?? null;
  return { ...hello, resume: { token, epoch, revision, isActive: session !== null, ...whose } };
}
