/**
 * Speakers that know their bridge by a name, whose server says that there is no such name, fails, does not answer for half
 * a minute, or leads to somebody else: the music goes on, and a bridge that comes back is found where it was last.
 */
import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import type { NameTrouble } from '#sim/network/virtual-names';
import type { World, WorldOptions } from '#sim/world/world';
import { between, expectUnbroken, heardRuns, nth, playEverything, tracksOf } from './steps.ts';
import { withSeeds } from './with-seeds.ts';

const HOUSE: WorldOptions = { speakers: 2, phones: 1, tracks: tracksOf(300, 200), sound: 'modelled', isNamed: true };
const HEARD: WorldOptions = { ...HOUSE, speakers: 1, tracks: tracksOf(12, 9, 60), sound: 'real' };
/** Longest wait of a speaker that comes back, its greeting, and a name that is not answered before each dial. */
const BACK_WITHIN = ms(25_000);
/** Where nobody listens. */
const STRANGER = '10.0.0.66';
const TROUBLES: readonly (readonly [string, NameTrouble])[] = [
  ['not found (NXDOMAIN)', { kind: 'not-found' }],
  ['failed for (SERVFAIL)', { kind: 'fails' }],
  ['not answered for 30 s', { kind: 'silent' }],
  ['led elsewhere by', { kind: 'wrong', host: STRANGER }],
];

function trouble(world: World, what: NameTrouble | null): void {
  for (const name of world.network.names.names()) world.network.names.trouble(name, what);
}

async function killForAWhile(world: World): Promise<void> {
  world.bridge.kill();
  await world.run(between(world, 200, 8_000));
  await world.bridge.start();
}

describe('a name that is', () => {
  it.each(TROUBLES)('%s: the music goes on, every frame of it, also while the bridge is away', async (_, what) => {
    // Who is led elsewhere gets nothing from there: it plays what it has.
    const playsFor = what.kind === 'wrong' ? ms(2_000) : ms(20_000);
    await withSeeds(
      HEARD,
      async (world) => {
        const speaker = await playEverything(world);
        await world.run(between(world, 500, 3_000));
        trouble(world, what);
        await killForAWhile(world);
        await world.run(playsFor);
        expect(speaker.isSounding()).toBe(true);
        expectUnbroken(world, heardRuns(speaker));
        trouble(world, null);
        await world.quiet();
      },
      { seeds: 3 },
    );
  });

  it.each(TROUBLES.slice(0, 3))('%s means what it meant last: the bridge is found there again', async (_, what) => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const speaker = await playEverything(world);
        trouble(world, what);
        await killForAWhile(world);
        await world.until('it is found', () => world.isTrulyConnected(speaker), BACK_WITHIN);
      },
      { seeds: 20 },
    );
  });

  it('led elsewhere is asked again, and found once it leads home', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const speaker = await playEverything(world);
        trouble(world, { kind: 'wrong', host: STRANGER });
        await killForAWhile(world);
        await world.run(ms(30_000));
        expect(world.isTrulyConnected(speaker), 'it is not where the name led').toBe(false);
        expect(speaker.isSounding(), 'and plays on').toBe(true);
        trouble(world, null);
        await world.until('it is found', () => world.isTrulyConnected(speaker), BACK_WITHIN);
      },
      { seeds: 20 },
    );
  });

  it('unknown to a speaker that has just been switched on is asked again until there is an answer', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const speaker = nth(world.speakers, 1);
        speaker.kill();
        trouble(world, world.random.pick(TROUBLES)[1]);
        speaker.start();
        await world.run(between(world, 1_000, 90_000));
        expect(world.isTrulyConnected(speaker)).toBe(false);
        trouble(world, null);
        await world.until('it is found', () => world.isTrulyConnected(speaker), BACK_WITHIN);
      },
      { seeds: 20 },
    );
  });
});
