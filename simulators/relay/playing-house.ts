/** A house with two speakers, of which the kitchen's plays: where every test of a hand-over begins. */
import { speakerId } from '#protocol/vocabulary/ids';
import { ms } from '#protocol/vocabulary/units';
import { RelayRoom, trackNumber } from './relay-room.ts';
import type { ScriptedSpeaker } from './scripted-speaker.ts';

export interface PlayingHouse {
  readonly room: RelayRoom;
  /** Plays the first of two tracks. */
  readonly kitchen: ScriptedSpeaker;
  readonly study: ScriptedSpeaker;
}

/** @param options `knowsClock`: both speakers can tell the bridge's time */
export async function playingHouse(options: { readonly knowsClock: boolean }): Promise<PlayingHouse> {
  const room = new RelayRoom();
  await room.start();
  const kitchen = await room.connected('kitchen');
  const study = await room.connected('study');
  if (options.knowsClock) for (const speaker of [kitchen, study]) speaker.bridgeClock = () => room.clock.nowUs();
  const trackIds = [trackNumber(1), trackNumber(2)];
  const play = { kind: 'play', contextUri: null, trackIds, index: 0, positionMs: ms(0) } as const;
  await room.ask({ ...play, speakerId: speakerId(kitchen.id) });
  return { room, kitchen, study };
}
