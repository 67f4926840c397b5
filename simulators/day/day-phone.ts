/** The phone of a simulated person: does what was planned through the Web API routes that any phone has, and says how it went. */
import * as z from 'zod/mini';
import type { Clock } from '#protocol/ports/clock';
import { type RestAnswer, RestPhone } from '#sim/processes/rest-phone';
import type { DayAct } from './day-plan.ts';
import type { PhoneKeys } from './phone-keys.ts';

const PLAYER = '/v1/me/player';
/** The music stays where it is. */
const STAYS: readonly DayAct['kind'][] = ['volume', 'queue'];
const MS_PER_S = 1_000;
const US_PER_MS = 1_000;
const STATUS_OK_MAX = 299;
/** More of a library is not looked at: a family finds what to play on the first page. */
const TRACKS_SEEN_MAX = 100;

const refusalSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
const tracksSchema = z.object({ items: z.array(z.object({ uri: z.string() })) });

export interface ActOutcome {
  /** From the press to the answer. */
  readonly tookMs: number;
  /** Null: done. Else what the bridge said. */
  readonly refusal: string | null;
}

export interface DayPhonePorts {
  readonly clock: Clock;
  readonly keys: PhoneKeys;
}

export class DayPhone {
  readonly name: string;
  readonly #ports: DayPhonePorts;
  readonly #rest: RestPhone;
  readonly #speakerIds: ReadonlyMap<string, string>;
  #moves = 0;

  /** @param speakerIds by the names of the rooms */
  constructor(name: string, ports: DayPhonePorts, url: string, speakerIds: ReadonlyMap<string, string>) {
    this.name = name;
    this.#ports = ports;
    this.#rest = new RestPhone(url);
    this.#speakerIds = speakerIds;
  }

  /** How often it has asked for what moves the position: that it jumps then is no surprise. */
  get moves(): number {
    return this.#moves;
  }

  async perform(act: DayAct): Promise<ActOutcome> {
    const isMove = !STAYS.includes(act.kind);
    if (isMove) this.#moves += 1;
    const tracks = act.kind === 'play' || act.kind === 'queue' ? await this.#tracks() : [];
    const beganUs = this.#ports.clock.nowUs();
    const answer = await this.#ask(act, tracks);
    const tookMs = (this.#ports.clock.nowUs() - beganUs) / US_PER_MS;
    // Once more: it may have been done at any moment until now.
    if (isMove) this.#moves += 1;
    const isDone = answer.status <= STATUS_OK_MAX;
    return { tookMs, refusal: isDone ? null : refusalIn(answer) };
  }

  #ask(act: DayAct, tracks: readonly string[]): Promise<RestAnswer> {
    switch (act.kind) {
      case 'play':
        return this.#play(act.room, Math.floor(act.choice * tracks.length));
      case 'handOver':
        return this.#call('PUT', '', { device_ids: [this.#speaker(act.room)] });
      case 'volume':
        return this.#call('PUT', `/volume?volume_percent=${act.percent}&device_id=${this.#speaker(act.room)}`);
      case 'seek':
        return this.#call('PUT', `/seek?position_ms=${act.seconds * MS_PER_S}`);
      case 'queue':
        return this.#call('POST', `/queue?uri=${tracks[Math.floor(act.choice * tracks.length)] ?? ''}`);
      case 'pause':
        return this.#call('PUT', '/pause');
      case 'resume':
        return this.#call('PUT', '/play');
      case 'skip':
        return this.#call('POST', '/next');
      case 'back':
        return this.#call('POST', '/previous');
    }
  }

  /** All the music from there on, over and over: a day is longer than an album. */
  async #play(room: string, position: number): Promise<RestAnswer> {
    const body = { context_uri: 'tonearm:library', offset: { position } };
    const answer = await this.#call('PUT', `/play?device_id=${this.#speaker(room)}`, body);
    return answer.status > STATUS_OK_MAX ? answer : this.#call('PUT', '/repeat?state=context');
  }

  async #tracks(): Promise<readonly string[]> {
    await this.#showToken();
    const page = await this.#rest.command('GET', `/tonearm/v1/tracks?limit=${TRACKS_SEEN_MAX}`);
    return tracksSchema.parse(page).items.map(({ uri }) => uri);
  }

  async #call(method: string, path: string, body?: unknown): Promise<RestAnswer> {
    await this.#showToken();
    return this.#rest.call(method, PLAYER + path, body);
  }

  async #showToken(): Promise<void> {
    this.#rest.sendAlong({ authorization: `Bearer ${await this.#ports.keys.accessToken()}` });
  }

  #speaker(room: string): string {
    return this.#speakerIds.get(room) ?? room;
  }
}

function refusalIn({ status, body }: RestAnswer): string {
  const { success, data } = z.safeParse(refusalSchema, body);
  return success ? `${data.error.message} (${data.error.code})` : `${status} ${JSON.stringify(body)}`;
}
