/**
 * The network between the parts of a house: places that are cut off, with or without a word, or in one direction alone;
 * links that break or are forgotten; ways that are long, narrow or lossy.
 */

import { ms } from '#protocol/vocabulary/units';
import type { LinkShape } from '#sim/network/link-shape';
import { createTrace, type TraceStretch } from '#sim/network/trace';
import { ANYWHERE, type CutKind } from '#sim/network/virtual-reach';
import type { SeededRandom } from '#sim/world/seeded-random';
import type { World } from '#sim/world/world';
import { type FaultKind, NOTHING_TO_MEND, once } from './fault-kind.ts';
import { speakerNames } from './processes.ts';

/** From another continent to another planet, one way, in ms. */
const FAR_MS = { least: 150, most: 2_000 } as const;
/** Of packets: from a microwave oven next door to a neighbour's whole house on the same channel. */
const LOSS = { least: 0.02, most: 0.3 } as const;
/** A link at the edge of its reach: stretches of so many kbit/s, some of them none. */
const NARROW_KBPS = [0, 8, 32, 64, 256, 1_000] as const;
const NARROW_STRETCHES = 12;
const NARROW_STRETCH_MS = { least: 200, most: 4_000 } as const;
const REQUESTS = { lost: 0.5, repeated: 0.5 } as const;

function everybody(world: World): readonly string[] {
  return ['bridge', ...speakerNames(world), ...phoneNames(world)];
}

function phoneNames(world: World): readonly string[] {
  return world.phones.map(({ name }) => name);
}

const linksBroken: FaultKind = {
  name: 'links-broken',
  targets: speakerNames,
  begin: (world, target) => {
    world.timeline.note(target, 'loses its links');
    world.network.breakLinks(target);
    return NOTHING_TO_MEND;
  },
};

/** Both ends half open: a router that was started anew knows its connections no more. */
const linksForgotten: FaultKind = {
  name: 'links-forgotten',
  targets: speakerNames,
  begin: (world, target) => {
    world.timeline.note(target, 'has its links forgotten by who is between');
    world.network.forgetLinks(target);
    return NOTHING_TO_MEND;
  },
};

const far = shaped('link-far', 'is far away', everybody, (random) => ({
  latency: ms(random.between(FAR_MS.least, FAR_MS.most)),
  jitter: ms(random.between(0, FAR_MS.least)),
}));

const lossy = shaped('link-lossy', 'is reached over a bad radio', everybody, (random) => ({
  lossRate: LOSS.least + random.fraction() * (LOSS.most - LOSS.least),
}));

const narrow = shaped('link-narrow', 'is at the edge of its reach', speakerNames, (random) => ({
  trace: createTrace(narrowStretches(random)),
}));

const requestsLost = shaped('requests-lost', 'has requests lost', phoneNames, () => ({
  requestLossRate: REQUESTS.lost,
}));

const requestsRepeated = shaped('requests-repeated', 'has requests repeated', phoneNames, () => ({
  requestRepeatRate: REQUESTS.repeated,
  jitter: ms(FAR_MS.least),
}));

export const LINK_FAULTS: readonly FaultKind[] = [
  linksBroken,
  linksForgotten,
  cutOff('silent'),
  cutOff('reset'),
  parted('heard-by-nobody', 'is heard by nobody', (place) => [place, ANYWHERE]),
  parted('hears-nobody', 'hears nobody', (place) => [ANYWHERE, place]),
  far,
  lossy,
  narrow,
  requestsLost,
  requestsRepeated,
];

function cutOff(kind: CutKind): FaultKind {
  return {
    name: `cut-off-${kind}`,
    targets: everybody,
    begin: (world, target) => {
      world.cut(target, kind);
      return once(() => world.heal(target));
    },
  };
}

/** @param wayOf from where to where nothing gets */
function parted(name: string, words: string, wayOf: (place: string) => [from: string, to: string]): FaultKind {
  return {
    name,
    targets: everybody,
    begin: (world, target) => {
      world.timeline.note(target, words);
      for (const place of world.placesOf(target)) world.network.part(...wayOf(place));
      return once(() => {
        world.timeline.note(target, `${words}: no more`);
        for (const place of world.placesOf(target)) world.network.rejoin(...wayOf(place));
      });
    },
  };
}

function shaped(
  name: string,
  words: string,
  targets: FaultKind['targets'],
  shapeOf: (random: SeededRandom) => LinkShape,
): FaultKind {
  return {
    name,
    targets,
    begin: (world, target, random) => {
      const shape = shapeOf(random);
      world.timeline.note(target, words);
      for (const place of world.placesOf(target)) world.network.shape(place, shape);
      return once(() => {
        world.timeline.note(target, `${words}: no more`);
        for (const place of world.placesOf(target)) world.network.shape(place, null);
      });
    },
  };
}

function narrowStretches(random: SeededRandom): readonly TraceStretch[] {
  const stretches = Array.from({ length: NARROW_STRETCHES }, () => ({
    duration_ms: random.between(NARROW_STRETCH_MS.least, NARROW_STRETCH_MS.most),
    bandwidth_kbps: random.pick(NARROW_KBPS),
  }));
  return [...stretches, { duration_ms: NARROW_STRETCH_MS.least, bandwidth_kbps: 64 }];
}
