/** From what a plan says somebody wants to the request that a phone makes of it, at the moment at which it is pressed. */
import type { PhoneRequest } from '#bridge/core/ports/household';
import type { SpeakerId, TrackId } from '#protocol/vocabulary/ids';
import { ms } from '#protocol/vocabulary/units';
import type { VirtualPhone } from '#sim/phones/virtual-phone';
import type { World } from '#sim/world/world';
import type { Wish } from './house-plan.ts';

/** Ids of speakers by name, as they were when everybody was up: one without power has them too. */
export type KnownIds = ReadonlyMap<string, SpeakerId>;

/** @returns null when there is nothing to ask for: no such speaker in this house, or nothing shown to pick from */
export function requestOf(wish: Wish, world: World, phone: VirtualPhone, ids: KnownIds): PhoneRequest | null {
  if (wish.kind === 'transfer') {
    const speakerId = ids.get(wish.to);
    return speakerId === undefined ? null : { kind: 'transfer', speakerId, isPlaying: wish.isPlaying };
  }
  const speakerId = wish.whom === null ? null : (ids.get(wish.whom) ?? undefined);
  if (speakerId === undefined) return null;
  const track = (place: number): TrackId | undefined => world.library[place % world.library.length]?.trackId;
  const tracksAt = (places: readonly number[]) => places.flatMap((place) => track(place) ?? []);
  const shown = phone.view()?.session.nextUids ?? [];
  const uidAt = (nth: number): string | undefined => shown[nth % shown.length];
  switch (wish.kind) {
    case 'play': {
      const trackIds = tracksAt(wish.tracks);
      const index = Math.min(wish.index, trackIds.length - 1);
      return { kind: 'play', speakerId, contextUri: null, trackIds, index, positionMs: ms(wish.positionMs) };
    }
    case 'seek':
      return { kind: 'seek', speakerId, positionMs: ms(wish.positionMs) };
    case 'setVolume':
      return { kind: 'setVolume', speakerId, volume: wish.volume };
    case 'setShuffle':
      return { kind: 'setShuffle', speakerId, isOn: wish.isOn };
    case 'setRepeat':
      return { kind: 'setRepeat', speakerId, mode: wish.mode };
    case 'enqueue': {
      const trackId = track(wish.track);
      return trackId === undefined ? null : { kind: 'enqueue', speakerId, trackId };
    }
    case 'queueAdd':
      return { kind: 'queueAdd', speakerId, trackIds: tracksAt(wish.tracks), isNext: wish.isNext };
    case 'queueRemove': {
      const uid = uidAt(wish.nth);
      return uid === undefined ? null : { kind: 'queueRemove', speakerId, uids: [uid] };
    }
    case 'queueMove': {
      const uid = uidAt(wish.nth);
      const after = wish.afterNth === null ? null : (uidAt(wish.afterNth) ?? null);
      return uid === undefined ? null : { kind: 'queueMove', speakerId, uid, after };
    }
    default:
      return { kind: wish.kind, speakerId };
  }
}
