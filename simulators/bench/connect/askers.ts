/** A phone, as the bench has it: asks one speaker something and waits for the answer, over whatever is measured. */
import { once } from 'node:events';
import { connectAsync } from 'mqtt';
import { WebSocket } from 'ws';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createSystemRandom } from '#protocol/adapters/system-random';
import { speakerId } from '#protocol/vocabulary/ids';
import { percent } from '#protocol/vocabulary/units';
import { CrowdPhone } from '#sim/crowd/crowd-phone';
import { MQTT_TOPICS } from './peer-speakers.ts';

export interface Asker {
  /** Resolves with its answer; fails when it is refused. */
  ask(speaker: string): Promise<void>;
}

/** Answers by the id of the question; each phone has its own. */
class Questions {
  readonly #waiting = new Map<string, () => void>();

  wait(id: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  settle(id: string): void {
    const settle = this.#waiting.get(id);
    this.#waiting.delete(id);
    settle?.();
  }
}

/** @param authorization of the upgrade; empty: none */
export async function connectTonearmPhone(url: string, phone: string, authorization: string): Promise<Asker> {
  const up = Promise.withResolvers<void>();
  const listener = {
    came: () => up.resolve(),
    gone: (reason: string) => {
      console.error(`phone ${phone} was closed: ${reason}`);
      process.exit(1);
    },
  };
  const ports = { clock: createSystemClock(), random: createSystemRandom(), listener };
  const shown = authorization === '' ? null : authorization;
  const own = new CrowdPhone(ports, { address: url, name: phone, authorization: async () => shown });
  own.start();
  await up.promise;
  let count = 0;
  return {
    ask: async (speaker) => {
      count += 1;
      // Never twice the same: the speaker has something to change and to report.
      const volume = percent(count % 101);
      const outcome = await own.request({ kind: 'setVolume', speakerId: speakerId(speaker), volume });
      if (outcome.kind !== 'accepted') throw new Error(JSON.stringify(outcome));
    },
  };
}

export async function connectBarePhone(url: string, phone: string): Promise<Asker> {
  const socket = new WebSocket(`${url}/phone/${phone}`, { perMessageDeflate: false });
  const questions = new Questions();
  socket.on('message', (data) => questions.settle(JSON.parse(String(data)).id));
  await once(socket, 'open');
  let count = 0;
  return {
    ask: (speaker) => {
      count += 1;
      const id = `${phone}-request-${count}`;
      const answered = questions.wait(id);
      socket.send(JSON.stringify({ id, to: speaker, from: phone, body: { kind: 'setVolume', volume: count % 101 } }));
      return answered;
    },
  };
}

export async function connectMqttPhone(url: string, phone: string): Promise<Asker> {
  const client = await connectAsync(url, { clientId: phone, protocolVersion: 4 });
  await client.subscribeAsync(MQTT_TOPICS.answer(phone), { qos: 0 });
  const questions = new Questions();
  client.on('message', (_topic, payload) => questions.settle(JSON.parse(payload.toString()).id));
  let count = 0;
  return {
    ask: (speaker) => {
      count += 1;
      const id = `${phone}-request-${count}`;
      const answered = questions.wait(id);
      const message = { id, from: phone, body: { kind: 'setVolume', volume: count % 101 } };
      client.publish(MQTT_TOPICS.command(speaker), JSON.stringify(message));
      return answered;
    },
  };
}
