import { describe, expect, it } from 'vitest';
import { albumId } from '#protocol/vocabulary/ids';
import { frames } from '#protocol/vocabulary/units';
import { CROSSFADE_FRAMES_MIN, chooseJoin, type JoinedTrack } from './choose-join.ts';

const SECOND = 48_000;
const [LIVE, OTHER] = [albumId('1'.repeat(22)), albumId('2'.repeat(22))];

function track(seconds: number, place?: readonly [typeof LIVE, disc: number, track: number]): JoinedTrack {
  const durationFrames = frames(seconds * SECOND);
  return place === undefined
    ? { durationFrames }
    : { durationFrames, album: { id: place[0], disc: place[1], track: place[2] } };
}

describe('how one track goes over into the next', () => {
  it.each<[string, number, JoinedTrack, JoinedTrack, string]>([
    ['not wanted', 0, track(200), track(200), 'gapless: not-wanted'],
    ['of no album', 6, track(200), track(200), 'crossfade 6: as-wanted'],
    ['of two albums', 6, track(200, [LIVE, 1, 3]), track(200, [OTHER, 1, 4]), 'crossfade 6: as-wanted'],
    ['one of an album', 6, track(200, [LIVE, 1, 3]), track(200), 'crossfade 6: as-wanted'],
    ['following on an album', 6, track(200, [LIVE, 1, 3]), track(200, [LIVE, 1, 4]), 'gapless: follows-on-album'],
    ['the other way round', 6, track(200, [LIVE, 1, 4]), track(200, [LIVE, 1, 3]), 'crossfade 6: as-wanted'],
    ['shuffled on an album', 6, track(200, [LIVE, 1, 3]), track(200, [LIVE, 1, 7]), 'crossfade 6: as-wanted'],
    ['onto the next disc', 6, track(200, [LIVE, 1, 9]), track(200, [LIVE, 2, 1]), 'gapless: follows-on-album'],
    ['into the next disc', 6, track(200, [LIVE, 1, 9]), track(200, [LIVE, 2, 2]), 'crossfade 6: as-wanted'],
    ['with itself', 6, track(200, [LIVE, 1, 3]), track(200, [LIVE, 1, 3]), 'crossfade 6: as-wanted'],
    ['after a short one', 12, track(15), track(200), 'crossfade 5: short-track'],
    ['before a short one', 12, track(200), track(9), 'crossfade 3: short-track'],
    ['of next to nothing', 12, track(200), track(0.1), 'gapless: too-short'],
  ])('%s', (_, seconds, before, after, expected) => {
    const join = chooseJoin(seconds * SECOND, before, after);
    const how = join.kind === 'gapless' ? 'gapless' : `crossfade ${join.lengthFrames / SECOND}`;
    expect(`${how}: ${join.reason}`).toBe(expected);
  });

  it('is never a crossfade too short to be one', () => {
    expect(chooseJoin(CROSSFADE_FRAMES_MIN - 1, track(200), track(200))).toMatchObject({ kind: 'gapless' });
    expect(chooseJoin(CROSSFADE_FRAMES_MIN, track(200), track(200))).toMatchObject({ kind: 'crossfade' });
  });
});
