/** What a simulated person's phone is let in with: tokens of its own, had by the device grant as any program has them, and renewed. */
import * as z from 'zod/mini';
import {
  beginDevice,
  exchangeDevice,
  renewTokens,
  type TokenAnswer,
} from '#bridge/phone/command-line/bridge/oauth-client';
import type { Clock } from '#protocol/ports/clock';
import { comeIn } from '#sim/processes/come-in';
import { RestPhone } from '#sim/processes/rest-phone';

const NEVER = new AbortController().signal;
/** A token that ends on its way is no use. */
const RENEWED_BEFORE_US = 60_000_000;
const US_PER_S = 1_000_000;

const personSchema = z.object({ id: z.string() });
const linkSchema = z.object({ link: z.url() });

export class PhoneKeys {
  readonly #clock: Clock;
  readonly #url: string;
  #held: TokenAnswer;
  #heldSinceUs: number;
  #renewal: Promise<string> | null = null;

  private constructor(clock: Clock, url: string, held: TokenAnswer) {
    this.#clock = clock;
    this.#url = url;
    this.#held = held;
    this.#heldSinceUs = clock.nowUs();
  }

  /** @param person signed in by a cookie: allows the phone that asks */
  static async ask(clock: Clock, url: string, person: RestPhone, name: string): Promise<PhoneKeys> {
    const { device_code, user_code } = await beginDevice(url, `${name}’s phone`, NEVER);
    await person.command('POST', '/tonearm/v1/devices/decide', { userCode: user_code, isAllowed: true });
    const answer = await exchangeDevice(url, device_code, NEVER);
    if (typeof answer === 'string') throw new Error(`${name}’s phone is not let in: ${answer}`);
    return new PhoneKeys(clock, url, answer);
  }

  /** @returns good for a minute at least. @throws when the bridge takes the phone for signed out, or is away */
  accessToken(): Promise<string> {
    const ageUs = this.#clock.nowUs() - this.#heldSinceUs;
    if (this.#held.expires_in * US_PER_S - ageUs > RENEWED_BEFORE_US) return Promise.resolve(this.#held.access_token);
    // A refresh token works once: two who ask are given the same answer.
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  async #renew(): Promise<string> {
    const answer = await renewTokens(this.#url, this.#held.refresh_token, NEVER);
    if (answer === null) throw new Error('the phone was signed out');
    this.#held = answer;
    this.#heldSinceUs = this.#clock.nowUs();
    return answer.access_token;
  }
}

/** The owner adds somebody, who comes in by the link. @returns who has come in, by cookie */
export async function invite(owner: RestPhone, name: string): Promise<RestPhone> {
  const { id } = personSchema.parse(await owner.command('POST', '/tonearm/v1/people', { name }));
  const { link } = linkSchema.parse(await owner.command('POST', `/tonearm/v1/people/${id}/links`, {}));
  const { url, headers } = await comeIn(link);
  return new RestPhone(url, headers);
}
