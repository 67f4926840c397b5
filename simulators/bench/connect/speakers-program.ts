/**
 * A crowd of speakers as a process: `node speakers-program.ts KIND URL COUNT [PIN]`. KIND is what they speak: `tonearm`, or, for
 * the peers, `bare` (a relay that only passes on) and `mqtt`. PIN is that of the bridge's key, in hexadecimal digits. Prints
 * `crowd.connected` when all are there, then their tally whenever it has changed and what it costs; ends with its stdin.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { Crowd } from '#sim/crowd/crowd';
import { crowdIdentity } from '#sim/crowd/crowd-identity';
import { OwnCostMeter } from '#sim/crowd/own-cost';
import { connectBareSpeaker, connectMqttSpeaker } from './peer-speakers.ts';

/** Handshakes under way at once while the crowd of a peer gathers. */
const DIALLING_MAX = 50;
const TELL_EVERY_MS = 100;
const COST_EVERY_MS = 2_000;
const NEVER = new AbortController().signal;

async function tonearm(address: string, count: number, pin: string): Promise<void> {
  const meter = new OwnCostMeter();
  const crowd = new Crowd({ address, count, ...(pin === '' ? {} : { pin: Buffer.from(pin, 'hex') }) });
  const { tally } = crowd;
  await crowd.gather(NEVER);
  await crowd.isUp(count, NEVER);
  const now = () => {
    const { up, welcomed, timedOut, failed, lost } = tally;
    return { up, welcomed, timedOut, failed, lost };
  };
  tell('crowd.connected', now());
  let told = '';
  setInterval(() => {
    const text = JSON.stringify(now());
    if (text !== told) tell('crowd.tally', now());
    told = text;
  }, TELL_EVERY_MS);
  setInterval(() => {
    const messages = { in: tally.messageCount('in'), out: tally.messageCount('out') };
    tell('crowd.cost', { atMs: Date.now(), ...meter.read(count), up: tally.up, messages });
  }, COST_EVERY_MS);
}

async function peers(kind: string, url: string, count: number): Promise<void> {
  const connect = kind === 'bare' ? connectBareSpeaker : connectMqttSpeaker;
  for (let first = 0; first < count; first += DIALLING_MAX) {
    const batch = Math.min(DIALLING_MAX, count - first);
    await Promise.all(Array.from({ length: batch }, (_, place) => connect(url, crowdIdentity(first + place).id)));
  }
  tell('crowd.connected', { up: count });
  for (;;) await wait(TELL_EVERY_MS);
}

function tell(event: string, fields: object): void {
  console.log(JSON.stringify({ event, ...fields }));
}

const [kind = '', url = '', count = '', pin = ''] = process.argv.slice(2);
process.stdin.resume().on('end', () => process.exit(0));
await (kind === 'tonearm' ? tonearm(url, Number(count), pin) : peers(kind, url, Number(count)));
