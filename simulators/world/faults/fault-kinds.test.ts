/**
 * Every kind of fault, alone, in a house that plays: what must always hold does while it lasts, and when it is mended the
 * house comes to agree again. And that plans may rely on names.
 */
import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { between, playEverything, tracksOf } from '#sim/scenarios/steps';
import { withSeeds } from '#sim/scenarios/with-seeds';
import { World, type WorldOptions } from '#sim/world/world';
import { FAULT_KINDS, faultKindNamed } from './fault-kinds.ts';

const HOUSE: WorldOptions = {
  speakers: 2,
  phones: 2,
  tracks: tracksOf(600, 700),
  sound: 'modelled',
  scheduling: 'seeded',
};
const REAL: WorldOptions = {
  ...HOUSE,
  speakers: 1,
  phones: 1,
  tracks: tracksOf(6, 8, 30),
  sound: 'real',
  edges: [
    { name: 'near', region: 0 },
    { name: 'far', region: 2 },
  ],
};
/** Houses in which the rest can happen too. */
const HOUSES: readonly WorldOptions[] = [HOUSE, { ...HOUSE, isNamed: true }, { ...HOUSE, isDiscovered: true }, REAL];
/**
 * How often, for how long at most, and how long until all is well again: a peer that is half open is given up after 45 s
 * by speakers and 60 s by phones. With real sound each second costs, and only what is heard is in question.
 */
const TERMS = {
  modelled: { seeds: 4, lastsMs: 60_000, wellAfter: ms(75_000) },
  real: { seeds: 2, lastsMs: 15_000, wellAfter: ms(10_000) },
} as const;

describe('fault kinds', () => {
  it.each(FAULT_KINDS.map((kind) => [kind.name, kind] as const))('%s: ends, and all agree again', async (_, kind) => {
    let struck = 0;
    const house = HOUSES.find((it) => kind.targets(new World(1, it)).length > 0) ?? HOUSE;
    const terms = TERMS[house.sound];
    await withSeeds(
      house,
      async (world) => {
        const targets = kind.targets(world);
        struck += 1;
        await playEverything(world);
        const mend = kind.begin(world, world.random.pick(targets), world.random.fork('fault'));
        await world.run(between(world, 0, terms.lastsMs));
        mend();
        mend();
        await world.run(terms.wellAfter);
        await world.quiet();
      },
      { seeds: terms.seeds },
    );
    expect(struck, 'worlds in which it can happen').toBeGreaterThan(0);
  });

  it('have names that plans can be written with', () => {
    const names = FAULT_KINDS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    for (const kind of FAULT_KINDS) expect(faultKindNamed(kind.name)).toBe(kind);
    expect(() => faultKindNamed('bridge-eaten')).toThrow('bridge-killed');
  });
});
