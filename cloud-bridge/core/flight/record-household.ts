/**
 * The relay with a flight recorder on its doors and stores: links and requests as they come in, what is said and answered,
 * and how the house stood when the recording begins.
 */
import { createHousehold, type HouseholdOptions, type HouseholdPorts } from '#bridge/core/relay/household';
import { recordClock, recordLink, recordRandom } from '#protocol/kit/flight-ports';
import type { FlightRecorder } from '#protocol/kit/flight-recorder';
import type { TransportLink } from '#protocol/ports/transport';
import type { AccountId, SpeakerId, TrackId } from '#protocol/vocabulary/ids';
import type { HouseFacts, Household, PhoneRequest, RequestOptions } from '../ports/household.ts';
import { recordSessions } from './record-sessions.ts';
import { recordTrust } from './record-trust.ts';
import { SpeakerTail } from './speaker-tail.ts';

/** As `createHousehold`, recorded. @throws what the store throws */
export async function createRecordedHousehold(
  ports: HouseholdPorts,
  options: HouseholdOptions,
  recorder: FlightRecorder,
): Promise<Household> {
  const recorded = {
    ...ports,
    clock: recordClock(ports.clock, recorder),
    random: recordRandom(ports.random, recorder),
    sessions: recordSessions(ports.sessions, recorder),
  };
  const { trust } = options;
  const own = trust === undefined ? options : { ...options, trust: recordTrust(trust, recorder) };
  return new RecordedHousehold(await createHousehold(recorded, own), recorder);
}

class RecordedHousehold implements Household {
  readonly #inner: Household;
  readonly #recorder: FlightRecorder;
  readonly #speakers = new Map<number, SpeakerTail>();
  readonly #phones = new Map<number, AccountId>();

  constructor(inner: Household, recorder: FlightRecorder) {
    this.#inner = inner;
    this.#recorder = recorder;
    recorder.add(() => [
      ...[...this.#speakers.values()].flatMap((tail) => tail.standing()),
      ...[...this.#phones].map(([link, accountId]) => accepted({ link, door: 'phone', accountId })),
    ]);
  }

  acceptSpeaker(link: TransportLink, how: { readonly takesChallenge?: boolean } = {}): void {
    const id = this.#recorder.nextId();
    const arrival = accepted({ link: id, door: 'speaker', takesChallenge: how.takesChallenge === true });
    this.#recorder.note(arrival.port, arrival.event);
    const tail = new SpeakerTail(id, arrival);
    this.#speakers.set(id, tail);
    const watch = {
      received: (text: string) => tail.received(text),
      closed: () => void this.#speakers.delete(id),
    };
    this.#inner.acceptSpeaker(recordLink(link, this.#recorder, id, watch), how);
  }

  acceptPhone(link: TransportLink, accountId: AccountId): void {
    const id = this.#recorder.nextId();
    const arrival = accepted({ link: id, door: 'phone', accountId });
    this.#recorder.note(arrival.port, arrival.event);
    this.#phones.set(id, accountId);
    this.#inner.acceptPhone(this.#watchPhone(link, id), accountId);
  }

  async request(request: PhoneRequest, options: RequestOptions): ReturnType<Household['request']> {
    const number = this.#recorder.nextId();
    const { commandId, accountId, deadline } = options;
    const how = { commandId, accountId, deadline };
    this.#recorder.note('household', { kind: 'asked', request: number, what: request, how });
    const answer = await this.#inner.request(request, options);
    const code = answer.ok ? null : answer.error.code;
    this.#recorder.note('household', { kind: 'answered', request: number, code });
    return answer;
  }

  showing(accountId: AccountId, trackIds: readonly TrackId[]): void {
    this.#recorder.note('household', { kind: 'shown', accountId, trackIds });
    this.#inner.showing(accountId, trackIds);
  }

  forgetSpeaker(id: SpeakerId): boolean {
    this.#recorder.note('household', { kind: 'forgotten', speakerId: id });
    return this.#inner.forgetSpeaker(id);
  }

  renameSpeaker(id: SpeakerId, name: string): void {
    this.#recorder.note('household', { kind: 'renamed', speakerId: id, name });
    this.#inner.renameSpeaker(id, name);
  }

  /** Changes nothing that a recording could be held to. */
  offerUpdate(version: string): void {
    this.#inner.offerUpdate(version);
  }

  facts(): HouseFacts {
    return this.#inner.facts();
  }

  view(accountId: AccountId): ReturnType<Household['view']> {
    return this.#inner.view(accountId);
  }

  session(accountId: AccountId): ReturnType<Household['session']> {
    return this.#inner.session(accountId);
  }

  recentlyPlayed(accountId: AccountId): ReturnType<Household['recentlyPlayed']> {
    return this.#inner.recentlyPlayed(accountId);
  }

  stop(): Promise<void> {
    return this.#inner.stop();
  }

  /** What phones are told is a view of what speakers said, full of titles, and decides nothing: it is not noted. */
  #watchPhone(link: TransportLink, id: number): TransportLink {
    return {
      send: (text) => link.send(text),
      queuedBytes: () => link.queuedBytes(),
      close: (code, reason) => {
        this.#recorder.note('link', { kind: 'closing', link: id, code });
        link.close(code, reason);
      },
      listen: (listener) =>
        link.listen({
          received: (text) => listener.received(text),
          closed: (code, reason) => {
            this.#recorder.note('link', { kind: 'closed', link: id, code });
            this.#phones.delete(id);
            listener.closed(code, reason);
          },
        }),
    };
  }
}

interface Arrival {
  readonly port: 'link';
  readonly event: { readonly kind: 'accepted'; readonly [field: string]: unknown };
}

function accepted(event: {
  readonly link: number;
  readonly door: 'speaker' | 'phone';
  readonly [field: string]: unknown;
}): Arrival {
  return { port: 'link', event: { ...event, kind: 'accepted' } };
}
