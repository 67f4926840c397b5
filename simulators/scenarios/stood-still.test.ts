/**
 * A speaker's process stands still for a while and goes on: a debugger, a machine that sleeps, an event loop that is
 * blocked. The household does without it, it comes back by itself and once, and what should sound does.
 */

import { describe, expect, it } from 'vitest';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import { ms } from '#protocol/vocabulary/units';
import type { VirtualSpeaker } from '#sim/speakers/virtual-speaker';
import type { World, WorldOptions } from '#sim/world/world';
import { between, must, nth, playEverything, playRequest, sounding, tracksOf } from './steps.ts';
import { withSeeds } from './with-seeds.ts';

const HOUSE: WorldOptions = { speakers: 2, phones: 1, tracks: tracksOf(1_200, 900), sound: 'modelled' };
const SEEDS = { seeds: 8 };
const CONNECTED = 'speaker.connected';

/** How often the bridge has welcomed the speaker since the line that holds the mark. */
function connectionsSince(world: World, speaker: VirtualSpeaker, mark: string): number {
  const text = world.timeline.text();
  const after = text.slice(text.lastIndexOf(mark)).split('\n');
  return after.filter((line) => line.includes(CONNECTED) && line.includes(`name=${speaker.name} `)).length;
}

describe('a speaker that stands still', () => {
  it('for ten minutes: is missed, comes back once, and plays on; nobody else is touched', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const [speaker, other] = [nth(world.speakers, 0), nth(world.speakers, 1)];
        await must(world, nth(world.phones, 0), playRequest(world, speaker));
        await sounding(world, speaker);
        await world.run(between(world, 500, 20_000));
        speaker.standStill();
        // Who is not read from any more is cut off in the end; the other side of that is a link that leads nowhere.
        world.cut(speaker.name, 'silent');
        await world.run(ms(600_000));
        const knows = world.bridge
          .household()
          ?.view(HOUSE_ACCOUNT)
          .speakers.find(({ id }) => id === speaker.view()?.id);
        expect(knows?.isOnline, 'it is missed').toBe(false);
        expect(world.isTrulyConnected(other), 'the other is not').toBe(true);
        world.heal(speaker.name);
        speaker.goOn();
        await world.run(ms(20_000));
        await world.quiet();
        expect(connectionsSince(world, speaker, 'goes on'), 'connections').toBe(1);
        expect(connectionsSince(world, other, 'goes on'), 'connections of the other').toBe(0);
        expect(speaker.isSounding(), 'it plays on').toBe(true);
      },
      SEEDS,
    );
  });

  it('for five seconds: is not missed, and its link is the one that it had', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const speaker = await playEverything(world);
        await world.run(between(world, 500, 20_000));
        speaker.standStill();
        await world.run(ms(5_000));
        speaker.goOn();
        await world.run(ms(5_000));
        await world.quiet();
        expect(connectionsSince(world, speaker, 'goes on'), 'connections').toBe(0);
        expect(speaker.isSounding(), 'it plays on').toBe(true);
      },
      SEEDS,
    );
  });
});
