import { expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { RelayRoom } from '#sim/relay/relay-room';

it('tells the speakers that take updates that there is one, and no others', async () => {
  const room = new RelayRoom();
  await room.start();
  const speakers = ['kitchen', 'study', 'old'].map((name) => room.speaker(name));
  for (const speaker of speakers) {
    speaker.takesUpdates = speaker.name !== 'old';
    await room.during(speaker.connect());
    await room.run(ms(50));
  }
  room.household.offerUpdate('0.2.0');
  await room.run(ms(50));
  const heard = speakers.map(({ heard }) => heard.filter(({ kind }) => kind === 'updateOffered'));
  const message = { kind: 'updateOffered', version: '0.2.0' };
  expect(heard).toEqual([[message], [message], []]);
});
