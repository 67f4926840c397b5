/** Processes that die, lose their power or stand still. */
import type { VirtualSpeaker } from '#sim/speakers/virtual-speaker';
import type { World } from '#sim/world/world';
import { type FaultKind, NOTHING_TO_MEND, once } from './fault-kind.ts';

const BRIDGE = 'bridge';

/** @returns the speaker of this name; undefined when it is no speaker's */
export function speakerNamed(world: World, name: string): VirtualSpeaker | undefined {
  return world.speakers.find((speaker) => speaker.name === name);
}

/** @returns the names of all speakers */
export function speakerNames(world: World): readonly string[] {
  return world.speakers.map(({ name }) => name);
}

const bridgeKilled: FaultKind = {
  name: 'bridge-killed',
  targets: () => [BRIDGE],
  begin: (world) => {
    if (world.bridge.household() === null) return NOTHING_TO_MEND;
    world.bridge.kill();
    return once(() => void world.bridge.start());
  },
};

const bridgeUnplugged: FaultKind = {
  name: 'bridge-unplugged',
  targets: () => [BRIDGE],
  begin: (world) => {
    if (world.bridge.household() === null) return NOTHING_TO_MEND;
    world.bridge.kill(true);
    return once(() => void world.bridge.start());
  },
};

const speakerKilled: FaultKind = {
  name: 'speaker-killed',
  targets: speakerNames,
  begin: (world, target) => killed(speakerNamed(world, target), false),
};

const speakerUnplugged: FaultKind = {
  name: 'speaker-unplugged',
  targets: speakerNames,
  begin: (world, target) => killed(speakerNamed(world, target), true),
};

const speakerStandsStill: FaultKind = {
  name: 'speaker-stands-still',
  targets: speakerNames,
  begin: (world, target) => {
    const speaker = speakerNamed(world, target);
    if (speaker === undefined || speaker.view() === null) return NOTHING_TO_MEND;
    speaker.standStill();
    // Who is not read from is not heard either: nothing may be handed to a process that does not run.
    world.cut(target, 'silent');
    return once(() => {
      world.heal(target);
      speaker.goOn();
    });
  },
};

function killed(speaker: VirtualSpeaker | undefined, isUnplugged: boolean) {
  if (speaker === undefined || speaker.view() === null) return NOTHING_TO_MEND;
  speaker.kill(isUnplugged);
  return once(() => speaker.start());
}

export const PROCESS_FAULTS: readonly FaultKind[] = [
  bridgeKilled,
  bridgeUnplugged,
  speakerKilled,
  speakerUnplugged,
  speakerStandsStill,
];
