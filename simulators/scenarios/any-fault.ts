/** Something in a house breaks, drawn from the world's own chance: a process dies, links break, a place is cut off. */
import type { VirtualSpeaker } from '#sim/speakers/virtual-speaker';
import type { World } from '#sim/world/world';

export interface FaultOptions {
  /** How many in all are drawn from: the bridge's death, a speaker's, broken links, and the rest cuts a place off. */
  readonly kinds: number;
  /** Which places may be cut off, one of them drawn. */
  places(speaker: VirtualSpeaker): readonly string[];
}

/** Breaks it. @returns how it is mended */
export function anyFault(world: World, { kinds, places }: FaultOptions): () => void {
  const speaker = world.random.pick(world.speakers);
  switch (world.random.between(0, kinds - 1)) {
    case 0:
      if (world.bridge.household() === null) return () => {};
      world.bridge.kill();
      return () => void world.bridge.start();
    case 1:
      if (speaker.view() === null) return () => {};
      speaker.kill();
      return () => speaker.start();
    case 2:
      world.network.breakLinks(speaker.name);
      return () => {};
    default: {
      const place = world.random.pick(places(speaker));
      world.cut(place, world.random.pick(['silent', 'reset']));
      return () => world.heal(place);
    }
  }
}
