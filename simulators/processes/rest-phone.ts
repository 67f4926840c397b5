/** A phone that uses the REST door like any Web-API client: bodies in, status codes out. */
import { type HouseholdSnapshot, householdSnapshotSchema } from '#protocol/wire/household';
import { parseValue } from '#protocol/wire/schema';

/** How often state is asked for while waiting for it; a REST door has nothing to listen to. */
const POLL_EVERY_MS = 20;

export interface RestAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

export class RestPhone {
  readonly #url: string;
  #headers: Readonly<Record<string, string>>;

  /** @param headers sent along with each request, such as those that say who asks */
  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.#url = url;
    this.#headers = headers;
  }

  /** From now on; they replace those before. */
  sendAlong(headers: Readonly<Record<string, string>>): void {
    this.#headers = headers;
  }

  async call(method: string, path: string, body?: unknown): Promise<RestAnswer> {
    const answer = await fetch(this.#url + path, {
      method,
      headers: { ...this.#headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: parseBody(text), headers: answer.headers };
  }

  /** As `call`, but any status that is not 2xx is an error that shows the body. */
  async command(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.call(method, path, body);
    if (answer.status < 200 || answer.status > 299) {
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer.body;
  }

  async household(): Promise<HouseholdSnapshot> {
    const body = await this.command('GET', '/tonearm/v1/household');
    const snapshot = parseValue(householdSnapshotSchema, body, 'the household');
    if (!snapshot.ok) throw snapshot.error;
    return snapshot.value;
  }

  /** Resolves with the first snapshot for which `holds`; fails with the last one seen. */
  async until(
    what: string,
    holds: (household: HouseholdSnapshot) => boolean,
    withinMs = 15_000,
  ): Promise<HouseholdSnapshot> {
    const giveUpAt = performance.now() + withinMs;
    for (;;) {
      const household = await this.household();
      if (holds(household)) return household;
      if (performance.now() > giveUpAt)
        throw new Error(`not ${what} within ${withinMs} ms: ${JSON.stringify(household)}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
    }
  }
}

function parseBody(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
