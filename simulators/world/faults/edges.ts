/** Edges in every mood that they have. They are asked where the sound is real alone. */
import { VIRTUAL_EDGE_MOODS, type VirtualEdgeMood } from '#sim/edge/virtual-edges';
import { type FaultKind, NOTHING_TO_MEND, once } from './fault-kind.ts';

export const EDGE_FAULTS: readonly FaultKind[] = [
  ...VIRTUAL_EDGE_MOODS.filter((mood) => mood !== 'good').map(edgeMood),
  {
    name: 'edge-cut-off',
    targets: (world) => world.edges?.names() ?? [],
    begin: (world, target) => {
      world.cut(target, 'silent');
      return once(() => world.heal(target));
    },
  },
];

function edgeMood(mood: VirtualEdgeMood): FaultKind {
  return {
    name: `edge-${mood}`,
    targets: (world) => world.edges?.names() ?? [],
    begin: (world, target) => {
      const { edges } = world;
      if (edges === null) return NOTHING_TO_MEND;
      world.timeline.note(target, `is ${mood}`);
      edges.setMood(target, mood);
      return once(() => {
        world.timeline.note(target, 'is well again');
        edges.setMood(target, 'good');
      });
    },
  };
}
