import { describe, expect, it } from 'vitest';
import { speakerId, type TrackId } from '#protocol/vocabulary/ids';
import { ms } from '#protocol/vocabulary/units';
import { RelayRoom, trackNumber } from '#sim/relay/relay-room';
import type { ScriptedSpeaker } from '#sim/relay/scripted-speaker';
import { HOUSE_ACCOUNT } from '../ports/callers.ts';
import { HINTS_EVERY } from './limits.ts';

async function roomWith(...names: readonly string[]) {
  const room = new RelayRoom();
  await room.start();
  const speakers: ScriptedSpeaker[] = [];
  for (const name of names) {
    const speaker = room.speaker(name);
    speaker.takesHints = name !== 'old';
    await room.during(speaker.connect());
    await room.run(ms(50));
    speakers.push(speaker);
  }
  const play = (speaker: ScriptedSpeaker) =>
    room.ask({
      kind: 'play',
      speakerId: speakerId(speaker.id),
      contextUri: null,
      trackIds: [trackNumber(1)],
      index: 0,
      positionMs: ms(0),
    });
  return { room, speakers, play };
}

const hintsOf = (speaker: ScriptedSpeaker | undefined): (readonly TrackId[])[] =>
  (speaker?.heard ?? []).flatMap((message) => (message.kind === 'hints' ? [message.trackIds] : []));
const tracks = (...numbers: readonly number[]) => numbers.map(trackNumber);

describe('what phones show', () => {
  it('is told the active speaker', async () => {
    const { room, speakers, play } = await roomWith('kitchen', 'study');
    const [kitchen, study] = speakers;
    room.household.showing(HOUSE_ACCOUNT, tracks(1));
    if (study !== undefined) await play(study);
    await room.run(HINTS_EVERY);
    room.household.showing(HOUSE_ACCOUNT, tracks(3, 2, 3));
    await room.run(ms(50));
    // With nobody active and two to choose from, the first word went nowhere.
    expect([hintsOf(kitchen), hintsOf(study)]).toEqual([[], [tracks(3, 2)]]);
    await room.during(room.household.stop());
    expect(room.timers()).toEqual([]);
  });

  it('is told the only speaker before anything is played', async () => {
    const { room, speakers } = await roomWith('kitchen');
    room.household.showing(HOUSE_ACCOUNT, tracks(1, 2));
    await room.run(ms(50));
    expect(hintsOf(speakers[0])).toEqual([tracks(1, 2)]);
  });

  it('is never told a speaker that does not know hints, which stays connected', async () => {
    const { room, speakers } = await roomWith('old');
    room.household.showing(HOUSE_ACCOUNT, tracks(1, 2));
    await room.run(ms(50));
    expect([hintsOf(speakers[0]), speakers[0]?.ended]).toEqual([[], null]);
  });

  it('comes as fast as it may, and its last word always', async () => {
    const { room, speakers } = await roomWith('kitchen');
    for (let number = 1; number <= 40; number += 1) {
      room.household.showing(HOUSE_ACCOUNT, tracks(number));
      await room.run(ms(50));
    }
    await room.run(HINTS_EVERY);
    const heard = hintsOf(speakers[0]);
    expect(heard.length).toBeGreaterThanOrEqual(4);
    expect(heard.length).toBeLessThanOrEqual(6);
    expect(heard.at(-1)).toEqual(tracks(40));
  });
});
