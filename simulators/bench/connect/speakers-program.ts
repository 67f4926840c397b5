/**
 * A crowd of speakers as a process: `node speakers-program.ts KIND URL COUNT [PIN]`. KIND is what they speak: `tonearm`, or, for
 * the peers, `bare` (a relay that only passes on) and `mqtt`. PIN is that of the bridge's key, in hexadecimal digits. Prints `crowd.connected` when all are there, then their
 * tally whenever it has changed; ends with its stdin.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createSystemRandom } from '#protocol/adapters/system-random';
import { createWsDialer } from '#protocol/adapters/ws-dialer';
import { crowdIdentity } from './crowd-identity.ts';
import { CrowdSpeaker, type CrowdTally } from './crowd-speaker.ts';
import { connectBareSpeaker, connectMqttSpeaker } from './peer-speakers.ts';

/** Handshakes under way at once while the crowd gathers. */
const DIALLING_MAX = 50;
const TELL_EVERY_MS = 100;

async function main(kind: string, url: string, count: number, pin: string): Promise<void> {
  const tally: CrowdTally = { welcomed: 0, timedOut: 0, failed: 0, lost: 0, commands: 0 };
  const ports = { clock: createSystemClock(), random: createSystemRandom(), dialer: createWsDialer(), tally };
  const pinned = pin === '' ? ports : { ...ports, pin: Buffer.from(pin, 'hex') };
  const connect = async (number: number): Promise<void> => {
    const self = crowdIdentity(number);
    if (kind === 'bare') await connectBareSpeaker(url, self.id);
    else if (kind === 'mqtt') await connectMqttSpeaker(url, self.id);
    else return new CrowdSpeaker(pinned, self, url).dial();
    tally.welcomed += 1;
  };
  for (let first = 0; first < count; first += DIALLING_MAX) {
    const batch = Math.min(DIALLING_MAX, count - first);
    await Promise.all(Array.from({ length: batch }, (_, place) => connect(first + place)));
  }
  while (tally.welcomed - tally.lost < count) await wait(TELL_EVERY_MS);
  console.log(JSON.stringify({ event: 'crowd.connected', ...tally }));
  let told = '';
  setInterval(() => {
    const text = JSON.stringify({ event: 'crowd.tally', up: tally.welcomed - tally.lost, ...tally, commands: 0 });
    if (text !== told) console.log(text);
    told = text;
  }, TELL_EVERY_MS);
}

const [kind = '', url = '', count = '', pin = ''] = process.argv.slice(2);
process.stdin.resume().on('end', () => process.exit(0));
await main(kind, url, Number(count), pin);
