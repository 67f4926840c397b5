/**
 * What a speaker or a bridge decided, read from its record: one line of words for each, without the ids that it makes up and
 * the times that are never twice the same. Two records of the same inputs are compared by these.
 */
import { FRAMES_PER_SECOND } from '#protocol/vocabulary/units';
import type { FlightEntry, FlightHeader } from '#protocol/wire/flight-record';
import { Epochs } from './epochs.ts';
import type { Labels } from './labels.ts';
import { StateWords } from './state-words.ts';

export interface Decision {
  /** µs since the recording's start. */
  readonly t: number;
  /** What belongs together and keeps its order; two lanes may pass one another. */
  readonly lane: string;
  /** For people, and what has to be the same. */
  readonly words: string;
  /** Where in a track, in seconds; null where it is of no matter. */
  readonly place: number | null;
}

export interface DecisionTerms {
  readonly role: FlightHeader['role'];
  /** What a speaker says of itself is said anew from here on, whatever it had said before; µs of the recording. */
  readonly fromUs: number;
  /** The newest epoch at the beginning of a record from the middle; null: epochs have their own numbers. */
  readonly begunEpoch: number | null;
}

type Message = Readonly<Record<string, unknown>> & { readonly kind: string };

/** @param labels shared by the records that are compared, so that track 2 is the same track in both */
export function decisionsOf(
  entries: readonly FlightEntry[],
  { role, fromUs, begunEpoch }: DecisionTerms,
  labels: Labels,
): readonly Decision[] {
  return new DecisionReader(role, labels, begunEpoch).read(entries, fromUs);
}

class DecisionReader {
  readonly #role: FlightHeader['role'];
  readonly #labels: Labels;
  #state = new StateWords();
  readonly #names = new Map<number, string>();
  readonly #asked = new Map<number, string>();
  readonly #begunEpoch: number | null;
  readonly #epochs: Epochs;

  constructor(role: FlightHeader['role'], labels: Labels, begunEpoch: number | null) {
    this.#role = role;
    this.#labels = labels;
    this.#begunEpoch = begunEpoch;
    this.#epochs = new Epochs(begunEpoch ?? 0);
  }

  read(entries: readonly FlightEntry[], fromUs: number): readonly Decision[] {
    const first = entries.findIndex(({ t }) => t >= fromUs);
    return entries.flatMap((entry, place) => {
      if (place === first) this.#state = new StateWords();
      return this.#of(entry).map((it) => ({ t: entry.t, place: null, ...it }));
    });
  }

  #of(entry: FlightEntry): readonly (Pick<Decision, 'lane' | 'words'> & { readonly place?: number | null })[] {
    if (entry.port === 'dialer') {
      return entry.event.kind === 'dialled' ? [{ lane: 'dials', words: 'dials its bridge' }] : [];
    }
    if (entry.port === 'engine') {
      return entry.event.kind === 'told' ? this.#told(entry.event.intent) : [];
    }
    if (entry.port === 'link') return this.#linkDid(entry.event);
    if (entry.port === 'household') return this.#houseDid(entry.event);
    return [];
  }

  #told(intent: Message) {
    const track = this.#labels.track(intent['trackId']);
    switch (intent.kind) {
      case 'load': {
        const how = intent['isPlaying'] === true ? 'to play' : 'to wait';
        return [
          { lane: 'sound', words: `has its sound load ${track} ${how}`, place: secondsOf(intent['startFrames']) },
        ];
      }
      case 'seek':
        return [{ lane: 'sound', words: 'has its sound seek', place: secondsOf(intent['positionFrames']) }];
      case 'setNext':
        return [{ lane: 'sound', words: `has its sound go on with ${track}` }];
      case 'play':
      case 'pause':
      case 'stop':
        return [{ lane: 'sound', words: `has its sound ${intent.kind}` }];
      case 'setVolume':
        return [{ lane: 'volume', words: `sets its volume to ${String(intent['volume'])}` }];
      default:
        return [];
    }
  }

  #linkDid(event: Extract<FlightEntry, { port: 'link' }>['event']) {
    if (event.kind === 'received' && event.message.kind === 'hello') {
      this.#names.set(event.link, this.#labels.speaker(idOf(event.message['speaker'])));
    }
    if (event.kind === 'closing') {
      const whom = this.#role === 'speaker' ? 'the link' : `the link of ${this.#nameOf(event.link)}`;
      return [{ lane: this.#laneOf(event.link), words: `closes ${whom} (${event.code})` }];
    }
    if (event.kind !== 'sent') return [];
    return this.#role === 'speaker' ? this.#speakerSaid(event.message) : this.#bridgeSaid(event.link, event.message);
  }

  #speakerSaid(message: Message) {
    if (message.kind === 'hello') {
      const isActive = isRecord(message['resume']) && message['resume']['isActive'] === true;
      return [{ lane: 'link', words: isActive ? 'says hello, and that it plays' : 'says hello' }];
    }
    if (message.kind === 'goodbye') return [{ lane: 'link', words: 'says goodbye' }];
    if (message.kind === 'answer') {
      const command = this.#labels.command(message['id']);
      return [{ lane: 'answers', words: `answers ${command}: ${outcomeWords(message['outcome'])}` }];
    }
    if (message.kind !== 'stateSnapshot' && message.kind !== 'stateDifference') return [];
    return this.#state.changed(message, (id) => this.#labels.track(id));
  }

  #bridgeSaid(link: number, message: Message) {
    const [lane, whom] = [this.#laneOf(link), this.#nameOf(link)];
    if (message.kind === 'welcome') {
      return [{ lane, words: `welcomes ${whom} as ${String(message['role'])} in epoch ${this.#epochOf(message)}` }];
    }
    if (message.kind === 'goodbye') {
      const code = isRecord(message['error']) ? ` (${String(message['error']['code'])})` : '';
      return [{ lane, words: `sends ${whom} away${code}` }];
    }
    if (message.kind === 'stateRequest') return [{ lane, words: `asks ${whom} for its state` }];
    if (message.kind !== 'command' || !isRecord(message['body'])) return [];
    const { body } = message;
    const words = `tells ${whom} to ${String(body['kind'])} in epoch ${this.#epochOf(message)}`;
    return [{ lane, words, place: secondsOf(body['positionFrames']) }];
  }

  #houseDid(event: Extract<FlightEntry, { port: 'household' }>['event']) {
    if (event.kind === 'asked') this.#asked.set(event.request, event.what.kind);
    if (event.kind !== 'answered') return [];
    const what = this.#asked.get(event.request) ?? 'a request';
    return [{ lane: 'answers', words: `answers ${what}: ${event.code ?? 'done'}` }];
  }

  /** Counted on from where the recording began, where that was in the middle. */
  #epochOf({ epoch }: Message): string {
    this.#epochs.given(epoch);
    if (this.#begunEpoch === null || typeof epoch !== 'number') return String(epoch);
    return String(this.#begunEpoch + (this.#epochs.place(epoch) ?? 0));
  }

  #laneOf(link: number): string {
    return this.#role === 'speaker' ? 'link' : this.#nameOf(link);
  }

  #nameOf(link: number): string {
    return this.#names.get(link) ?? 'somebody';
  }
}

function outcomeWords(outcome: unknown): string {
  if (!isRecord(outcome)) return 'nothing';
  if (outcome['kind'] === 'accepted') return 'done';
  const code = isRecord(outcome['error']) ? ` (${String(outcome['error']['code'])})` : '';
  return `${String(outcome['kind'])}${code}`;
}

function secondsOf(frames: unknown): number | null {
  return typeof frames === 'number' ? frames / FRAMES_PER_SECOND : null;
}

function idOf(speaker: unknown): unknown {
  return isRecord(speaker) ? speaker['id'] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
