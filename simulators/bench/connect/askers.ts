/** A phone, as the bench has it: asks one speaker something and waits for the answer, over whatever is measured. */
import { once } from 'node:events';
import { connectAsync } from 'mqtt';
import { WebSocket } from 'ws';
import { commandId, speakerId } from '#protocol/vocabulary/ids';
import { ms, percent } from '#protocol/vocabulary/units';
import { encodeMessage } from '#protocol/wire/envelope';
import type { PhoneMessage } from '#protocol/wire/phone-request';
import { EVENTS_PATH, EVENTS_SUBPROTOCOL } from '#protocol/wire/versions';
import { MQTT_TOPICS } from './peer-speakers.ts';

const DEADLINE_MS = ms(5_000);

export interface Asker {
  /** Resolves with its answer; fails when it is refused. */
  ask(speaker: string): Promise<void>;
}

/** Answers by the id of the question; each phone has its own. */
class Questions {
  readonly #waiting = new Map<string, (error?: Error) => void>();

  wait(id: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  settle(id: string, error?: Error): void {
    const settle = this.#waiting.get(id);
    this.#waiting.delete(id);
    settle?.(error);
  }
}

/** @param authorization of the upgrade; empty: none */
export async function connectTonearmPhone(url: string, phone: string, authorization: string): Promise<Asker> {
  const headers = authorization === '' ? {} : { authorization };
  const socket = new WebSocket(`${url}${EVENTS_PATH}`, [EVENTS_SUBPROTOCOL], { perMessageDeflate: false, headers });
  const questions = new Questions();
  const snapshot = Promise.withResolvers<void>();
  socket.on('message', (data) => {
    const event = JSON.parse(String(data));
    if (event.kind === 'householdSnapshot') snapshot.resolve();
    if (event.kind !== 'requestAnswer') return;
    const isAccepted = event.outcome.kind === 'accepted';
    questions.settle(event.id, isAccepted ? undefined : new Error(JSON.stringify(event.outcome)));
  });
  socket.on('close', (code, reason) => {
    console.error(`phone ${phone} was closed: ${code} ${reason}`);
    process.exit(1);
  });
  await once(socket, 'open');
  await snapshot.promise;
  let count = 0;
  return {
    ask: (speaker) => {
      count += 1;
      const id = commandId(`${phone}-request-${count}`);
      const message: PhoneMessage = {
        kind: 'request',
        id,
        deadlineMs: DEADLINE_MS,
        // Never twice the same: the speaker has something to change and to report.
        body: { kind: 'setVolume', speakerId: speakerId(speaker), volume: percent(count % 101) },
      };
      const answered = questions.wait(id);
      socket.send(encodeMessage(message));
      return answered;
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
