/** The network between the parts of a house: places that are cut off, with or without a word, and links that break. */
import type { CutKind } from '#sim/network/virtual-transport';
import type { World } from '#sim/world/world';
import { type FaultKind, NOTHING_TO_MEND, once } from './fault-kind.ts';
import { speakerNames } from './processes.ts';

function everybody(world: World): readonly string[] {
  return ['bridge', ...speakerNames(world), ...world.phones.map(({ name }) => name)];
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

export const LINK_FAULTS: readonly FaultKind[] = [linksBroken, cutOff('silent'), cutOff('reset')];

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
