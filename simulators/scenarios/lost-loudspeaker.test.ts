/**
 * The loudspeaker is unplugged, refuses to open, blocks as a busy sound server does, or the whole process stands still:
 * music goes on by itself where it was heard last, to 50 ms, nothing storms, and nothing is counted twice.
 */
import { describe, expect, it } from 'vitest';
import { FRAMES_PER_SECOND, ms } from '#protocol/vocabulary/units';
import { AuditedEngine } from '#sim/speakers/audited-engine';
import { rampTrack } from '#sim/speakers/ramp-track';
import { ScriptedEdges } from '#sim/speakers/scripted-edges';
import type { SeededRandom } from '#sim/world/seeded-random';
import { forSeeds } from './with-seeds.ts';

const EDGE = 'http://edge';
const SECONDS = 30;
const SEEDS = { seeds: 6 };
const RIGHT_TO_FRAMES = FRAMES_PER_SECOND / 20;
/** A device that is there again is found within the longest pause between two tries. */
const REOPENED_WITHIN = ms(6_000);
const STOOD_STILL = [5_000, 600_000] as const;

const first = rampTrack(1, SECONDS * FRAMES_PER_SECOND);
const second = rampTrack(2, SECONDS * FRAMES_PER_SECOND);

function room(random: SeededRandom) {
  const here = new AuditedEngine([first, second], {
    edges: (clock) => new ScriptedEdges(clock, [first, second]),
    edgeUrls: [EDGE],
    random,
    canRewind: random.chance(0.5),
  });
  here.load(first);
  here.arm(second);
  return here;
}

type Room = ReturnType<typeof room>;

const healthOf = (here: Room) => here.eventsOf('health').at(-1);
const positionOf = (here: Room) => here.eventsOf('position').at(-1);

async function expectSoundsAgain(here: Room, label: string): Promise<void> {
  const before = here.sink.heardFrames;
  const isBack = (): boolean => {
    here.sink.delay();
    return here.sink.heardFrames > before + FRAMES_PER_SECOND / 2;
  };
  expect(await here.clock.runUntil(isBack, REOPENED_WITHIN), label).toBe(true);
}

describe('a loudspeaker that goes away', () => {
  it('unplugged and plugged in: opened again, from where it was heard, with what is wrong told meanwhile', async () => {
    await forSeeds(async (random) => {
      const here = room(random);
      // Anywhere: also while the join of the two tracks is on its way to the loudspeaker.
      await here.clock.advance(
        ms(random.chance(0.5) ? random.between(300, 45_000) : SECONDS * 1_000 - 1_500 + random.between(0, 250)),
      );
      here.stall(ms(1_000));
      await here.clock.advance(ms(1_500));
      const heard = here.sink.heardFrames;
      here.unplug();
      await here.clock.advance(ms(random.between(1_500, 60_000)));
      expect(healthOf(here)?.outputProblem?.code, 'told').toBe('sink.unavailable');
      expect(healthOf(here)?.underruns, 'what it had run dry before is counted once').toBe(1);
      here.plugIn();
      await expectSoundsAgain(here, 'opened again');
      expect(healthOf(here)?.outputProblem, 'nothing is wrong any more').toBeNull();
      expect(await here.until('ended', ms(70_000)), 'to the end').toBeDefined();
      expect(here.problems(), 'position right to 50 ms').toEqual([]);
      const repeated = here.sink.heardFrames - 2 * SECONDS * FRAMES_PER_SECOND;
      expect(Math.abs(repeated), `lost after ${heard} frames: frames lost or repeated`).toBeLessThanOrEqual(
        RIGHT_TO_FRAMES,
      );
      expect(here.eventsOf('ready'), 'ready is told once').toHaveLength(1);
    }, SEEDS);
  });

  it('again and again, faster than it can be opened: it is not tried in a storm, and plays in the end', async () => {
    await forSeeds(async (random) => {
      const here = room(random);
      await here.clock.advance(ms(3_000));
      const losses = random.between(3, 12);
      for (let loss = 0; loss < losses; loss += 1) {
        here.unplug();
        await here.clock.advance(ms(random.between(0, 800)));
        here.plugIn();
        await here.clock.advance(ms(random.between(0, 800)));
      }
      await expectSoundsAgain(here, 'plays in the end');
      expect(here.problems(), 'position right to 50 ms at each').toEqual([]);
      expect(here.clock.timers().length, 'timers').toBeLessThan(15);
    }, SEEDS);
  });

  it.each(['no-room', 'takes-nothing'] as const)(
    'blocked (%s): no frame is lost, one underrun is counted, no busy loop',
    async (how) => {
      await forSeeds(async (random) => {
        const here = room(random);
        await here.clock.advance(ms(random.between(500, 20_000)));
        here.sink.block(how);
        await here.clock.advance(ms(random.between(200, 30_000)));
        here.sink.block(null);
        await expectSoundsAgain(here, 'goes on');
        expect(await here.until('ended', ms(70_000)), 'to the end').toBeDefined();
        expect(here.problems(), 'every frame once').toEqual([]);
        expect(here.sink.heardFrames, 'no frame is lost').toBe(2 * SECONDS * FRAMES_PER_SECOND);
        expect(healthOf(here)?.underruns, 'underruns').toBe(1);
      }, SEEDS);
    },
  );

  it('blocked while music has run dry, and data comes back: waits for it without going round in a circle', async () => {
    await forSeeds(async (random) => {
      const here = room(random);
      const comes = random.between(1, 2);
      here.edges.script = ({ number }) =>
        number < comes ? { kind: 'right' } : { kind: 'refuses', code: 'fetch.unreachable' };
      expect(await here.until('starved', ms(40_000)), 'it runs dry').toBeDefined();
      here.sink.block('no-room');
      here.edges.script = () => ({ kind: 'right' });
      // The clock itself objects to timers that fire without letting time pass.
      await here.clock.advance(ms(30_000));
      here.sink.block(null);
      await expectSoundsAgain(here, 'goes on');
      expect(here.problems(), 'every frame once').toEqual([]);
    }, SEEDS);
  });
});

describe('a process that stands still', () => {
  it.each(STOOD_STILL)(
    'for %i ms: one underrun, no burst, nothing taken for lost, on with the next frame',
    async (stillMs) => {
      await forSeeds(async (random) => {
        const here = room(random);
        await here.clock.advance(ms(random.between(500, 20_000)));
        const [eventsBefore, askedBefore] = [here.events.length, here.edges.asked.length];
        here.stall(ms(stillMs));
        // At once, what fell due meanwhile: each timer once, and not as often as it would have fired.
        await here.clock.advance(ms(20));
        expect(here.events.length - eventsBefore, 'events in a burst').toBeLessThanOrEqual(4);
        expect(here.edges.asked.length - askedBefore, 'requests in a burst').toBeLessThanOrEqual(2);
        await expectSoundsAgain(here, 'goes on at once');
        expect(await here.until('ended', ms(70_000)), 'to the end').toBeDefined();
        expect(here.problems(), 'every frame once').toEqual([]);
        expect(here.sink.heardFrames, 'no frame is lost').toBe(2 * SECONDS * FRAMES_PER_SECOND);
        expect(healthOf(here)?.underruns, 'underruns').toBe(1);
        expect(here.eventsOf('failed'), 'nothing is given up').toEqual([]);
      }, SEEDS);
    },
  );

  it('while nothing plays: nothing happens', async () => {
    await forSeeds(async (random) => {
      const here = room(random);
      await here.clock.advance(ms(2_000));
      here.send({ kind: 'pause' });
      await here.clock.advance(ms(1_000));
      const before = positionOf(here);
      here.stall(ms(600_000));
      await here.clock.advance(ms(2_000));
      expect(positionOf(here)?.positionFrames, 'it stays where it was').toBe(before?.positionFrames);
      expect(healthOf(here)?.underruns, 'underruns').toBe(0);
    }, SEEDS);
  });
});
