/**
 * Phones that command a crowd of speakers, as a process: `node phones-program.ts KIND URL SPEAKERS PHONES RATE SECONDS`,
 * the authorization in `PHONES_AUTHORIZATION`. Together they ask RATE times a second, each time a speaker by chance, for a
 * warm-up of a fifth and then SECONDS; prints `phones.done` with how long each answer took.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { createSystemRandom } from '#protocol/adapters/system-random';
import { crowdIdentity } from '#sim/crowd/crowd-identity';
import { type Asker, connectBarePhone, connectMqttPhone, connectTonearmPhone } from './askers.ts';

const WARM_UP_PART = 0.2;

interface Plan {
  /** Their ids. */
  readonly speakers: readonly string[];
  readonly phones: number;
  readonly perSecond: number;
  readonly seconds: number;
}

async function main(connect: (phone: string) => Promise<Asker>, plan: Plan): Promise<void> {
  const phones = await Promise.all(Array.from({ length: plan.phones }, (_, place) => connect(`bench-phone-${place}`)));
  await Promise.all(phones.map((phone) => askFor(phone, plan, plan.seconds * WARM_UP_PART)));
  const took = (await Promise.all(phones.map((phone) => askFor(phone, plan, plan.seconds)))).flat();
  took.sort((a, b) => a - b);
  const at = (part: number) => took[Math.min(took.length - 1, Math.floor(took.length * part))] ?? Number.NaN;
  const figures = { count: took.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
  console.log(JSON.stringify({ event: 'phones.done', ...figures }));
}

/** @returns ms of each answer */
async function askFor(phone: Asker, plan: Plan, seconds: number): Promise<number[]> {
  const random = createSystemRandom();
  const meanMs = (1_000 * plan.phones) / plan.perSecond;
  const took: number[] = [];
  const endAt = performance.now() + seconds * 1_000;
  while (performance.now() < endAt) {
    // As people do: independent of each other and of the answers before.
    await wait(-Math.log(1 - random.fraction()) * meanMs);
    const speaker = plan.speakers[Math.floor(random.fraction() * plan.speakers.length)] ?? '';
    const startedAt = performance.now();
    await phone.ask(speaker);
    took.push(performance.now() - startedAt);
  }
  return took;
}

const [kind = '', url = '', speakers = '', phones = '', perSecond = '', seconds = ''] = process.argv.slice(2);
// Before anything is timed: keys take a while.
const ids = Array.from({ length: Number(speakers) }, (_, number) => crowdIdentity(number).id);
const authorization = process.env['PHONES_AUTHORIZATION'] ?? '';
await main(
  (phone) => {
    if (kind === 'bare') return connectBarePhone(url, phone);
    return kind === 'mqtt' ? connectMqttPhone(url, phone) : connectTonearmPhone(url, phone, authorization);
  },
  { speakers: ids, phones: Number(phones), perSecond: Number(perSecond), seconds: Number(seconds) },
);
process.exit(0);
