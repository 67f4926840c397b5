import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frames, ms } from '#protocol/vocabulary/units';
import { trackIdOf } from '#sim/speakers/ogg-segments';
import { VirtualClock } from '#sim/world/virtual-clock';
import { ClockedQueue } from './clocked-queue.ts';
import type { PlayTag } from './play-tag.ts';
import { Timeline } from './timeline.ts';

const tag = (generation: number): PlayTag => ({
  generation,
  trackId: trackIdOf(generation),
  durationFrames: frames(1_000_000),
});

describe('a timeline', () => {
  it('tells the place of any heard frame, and each beginning once, however it was written and heard', () => {
    const pieces = fc.array(
      fc.record({ tagNumber: fc.nat(2), position: fc.nat(10_000), count: fc.integer({ min: 1, max: 900 }) }),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(pieces, fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1 }), (written, steps) => {
        const timeline = new Timeline();
        const tags = [tag(0), tag(1), tag(2)];
        const frameOf: { tag: PlayTag; position: number }[] = [];
        for (const { tagNumber, position, count } of written) {
          const owner = tags[tagNumber] ?? tag(9);
          timeline.append(owner, position, count);
          for (let at = 0; at < count; at += 1) frameOf.push({ tag: owner, position: position + at });
        }
        const begun: PlayTag[] = [];
        let heard = 0;
        for (const step of [...steps, 100_000]) {
          heard = Math.min(frameOf.length, heard + step);
          timeline.advance(heard, (owner) => begun.push(owner));
          const last = frameOf[heard - 1];
          const place = timeline.place();
          expect([place?.tag, place?.positionFrames]).toEqual([last?.tag, (last?.position ?? 0) + 1]);
          expect(timeline.isAllHeard).toBe(heard === frameOf.length);
        }
        expect(new Set(begun)).toEqual(new Set(frameOf.map((frame) => frame.tag)));
      }),
    );
  });

  it('never goes back, and never beyond what was written', () => {
    const timeline = new Timeline();
    timeline.append(tag(1), 0, 100);
    timeline.advance(50, () => {});
    timeline.advance(20, () => {});
    expect(timeline.place()?.positionFrames).toBe(50);
    timeline.advance(500, () => {});
    expect(timeline.place()).toMatchObject({ positionFrames: 100 });
    expect(timeline.isAllHeard).toBe(true);
  });

  it('counts frames that belong to nothing, and begins anew', () => {
    const timeline = new Timeline();
    timeline.append(tag(1), 0, 100);
    timeline.append(null, null, 50);
    timeline.append(tag(2), 7, 100);
    timeline.advance(151, () => {});
    expect(timeline.place()).toMatchObject({ tag: { generation: 2 }, positionFrames: 8 });
    timeline.reset();
    expect([timeline.place(), timeline.isAllHeard]).toEqual([null, true]);
  });

  it('is cut where others take the place of what was mixed, and then tells of the others', () => {
    const cuts = fc.record({ mixed: fc.integer({ min: 1, max: 500 }), cutAt: fc.nat(1_500), after: fc.nat(400) });
    fc.assert(
      fc.property(fc.array(cuts, { minLength: 1, maxLength: 12 }), (steps) => {
        const timeline = new Timeline();
        const owners: (string | null)[] = [];
        steps.forEach(({ mixed, cutAt, after }, index) => {
          const owner = tag(index % 3);
          timeline.append(owner, index * 10_000, mixed);
          for (let at = 0; at < mixed; at += 1) owners.push(`${index % 3}:${index * 10_000 + at}`);
          const cut = Math.min(cutAt, owners.length);
          timeline.truncate(cut);
          owners.length = cut;
          timeline.append(null, null, after);
          for (let at = 0; at < after; at += 1) owners.push(null);
        });
        expect(timeline.mixedFrames).toBe(owners.length);
        owners.forEach((owner, frame) => {
          const place = timeline.placeAt(frame);
          expect(place === null ? null : `${place.tag.generation}:${place.positionFrames}`).toBe(owner);
        });
        timeline.advance(owners.length, () => {});
        expect(timeline.isAllHeard).toBe(true);
      }),
    );
  });
});

describe('a clocked queue', () => {
  it('plays exactly its rate, whatever is written when', async () => {
    const clock = new VirtualClock();
    const queue = new ClockedQueue(clock, frames(4_800));
    queue.push(4_800);
    for (let tick = 0; tick < 1_000; tick += 1) {
      await clock.advance(ms(7));
      queue.push(queue.room());
    }
    expect(queue.underruns).toBe(0);
    await clock.advance(ms(50));
    expect(queue.waiting()).toBe(2_400);
  });

  it('tells a drain when its frames are played, even when more is written meanwhile', async () => {
    const clock = new VirtualClock();
    const queue = new ClockedQueue(clock, frames(48_000));
    queue.push(4_800);
    let drainedAtUs = -1;
    void queue.drain().then(() => {
      drainedAtUs = clock.nowUs();
    });
    await clock.advance(ms(50));
    queue.push(4_800);
    await clock.advance(ms(400));
    expect(drainedAtUs).toBe(100_000);
    // Something was written after the drain, so running empty was not meant.
    expect(queue.underruns).toBe(1);
    expect(clock.timers()).toEqual([]);
  });

  it('gives back what is not about to be played, and plays what is written in its place without a break', async () => {
    const clock = new VirtualClock();
    const queue = new ClockedQueue(clock, frames(4_800));
    queue.push(4_800);
    await clock.advance(ms(20));
    expect(queue.rewind(10_000, 480)).toBe(4_800 - 960 - 480);
    expect(queue.rewind(100, 480)).toBe(0);
    expect(queue.waiting()).toBe(480);
    queue.push(960);
    expect(queue.rewind(300, 480)).toBe(300);
    await clock.advance(ms(20));
    expect([queue.waiting(), queue.underruns]).toEqual([480 + 660 - 960, 0]);
  });

  it('tells a drain when what is left after giving back is played', async () => {
    const clock = new VirtualClock();
    const queue = new ClockedQueue(clock, frames(4_800));
    queue.push(4_800);
    let drainedAtUs = -1;
    void queue.drain().then(() => {
      drainedAtUs = clock.nowUs();
    });
    queue.rewind(2_400, 480);
    await clock.advance(ms(100));
    expect(drainedAtUs).toBe(50_000);
    expect([queue.underruns, clock.timers()]).toEqual([0, []]);
  });
});
