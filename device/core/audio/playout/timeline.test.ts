/** Whoever is told that something began must find it as the place that is heard, however short it was. */
import { describe, expect, it } from 'vitest';
import { trackId } from '#protocol/vocabulary/ids';
import { frames } from '#protocol/vocabulary/units';
import type { PlayTag } from './play-tag.ts';
import { Timeline } from './timeline.ts';

function tagNamed(name: string): PlayTag {
  return { generation: 1, trackId: trackId(name.repeat(22)), durationFrames: frames(1_000) };
}

describe('Timeline', () => {
  it('announces stretches in order, each while it is the place, also those that began and ended since it last looked', () => {
    const timeline = new Timeline();
    const [first, second, third] = [tagNamed('a'), tagNamed('b'), tagNamed('c')];
    timeline.append(first, 900, 100);
    timeline.append(second, 0, 50);
    timeline.append(third, 0, 500);
    const seen: unknown[] = [];
    timeline.advance(170, (tag) => {
      const place = timeline.place();
      seen.push([tag, place?.tag, place?.positionFrames]);
    });
    expect(seen).toEqual([
      [first, first, 1_000],
      [second, second, 50],
      [third, third, 20],
    ]);
  });
});
