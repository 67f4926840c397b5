/** Speakers for the peers: each answers what it is told, at once, and knows nothing more. */
import { once } from 'node:events';
import { connectAsync } from 'mqtt';
import { WebSocket } from 'ws';

/** Through the bare relay: `{ id, … }` comes, the same id goes back. */
export async function connectBareSpeaker(url: string, speaker: string): Promise<void> {
  const socket = new WebSocket(`${url}/speaker/${speaker}`, { perMessageDeflate: false });
  await once(socket, 'open');
  socket.on('message', (data) => {
    const { id, from } = JSON.parse(String(data));
    socket.send(JSON.stringify({ id, to: from, outcome: 'accepted' }));
  });
}

/** Topics of the request and of the answer. */
export const MQTT_TOPICS = {
  command: (speaker: string) => `bench/speakers/${speaker}/command`,
  answer: (phone: string) => `bench/phones/${phone}/answer`,
};

/** Through a broker: a request on the speaker's topic, its answer on the phone's, both of quality of service 0. */
export async function connectMqttSpeaker(url: string, speaker: string): Promise<void> {
  const client = await connectAsync(url, { clientId: speaker, protocolVersion: 4, keepalive: 60 });
  await client.subscribeAsync(MQTT_TOPICS.command(speaker), { qos: 0 });
  client.on('message', (_topic, payload) => {
    const { id, from } = JSON.parse(payload.toString());
    client.publish(MQTT_TOPICS.answer(from), JSON.stringify({ id, outcome: 'accepted' }));
  });
}
