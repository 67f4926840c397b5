/** Names of the house's network that are not found, not answered, or lead to somebody else; and names in the air. */
import { BRIDGE_PORT_DEFAULT, BRIDGE_SERVICE_TYPE } from '#protocol/wire/versions';
import type { NameTrouble } from '#sim/network/virtual-names';
import type { World } from '#sim/world/world';
import { type FaultKind, NOTHING_TO_MEND, once } from './fault-kind.ts';

/** Where nobody listens. */
const STRANGER_HOST = '10.0.0.66';
const LOSS = { least: 0.2, most: 0.9 } as const;
const BRIDGE = 'bridge';

export const NAME_FAULTS: readonly FaultKind[] = [
  nameFault('name-not-found', 'has a name that nobody knows', { kind: 'not-found' }),
  nameFault('name-fails', 'has a name server that fails', { kind: 'fails' }),
  nameFault('name-unanswered', 'has a name server that does not answer', { kind: 'silent' }),
  nameFault('name-wrong', 'has a name that leads to somebody else', { kind: 'wrong', host: STRANGER_HOST }),
  {
    name: 'air-name-taken',
    targets: bridgeInTheAir,
    begin: (world, target) => {
      if (world.air === null) return NOTHING_TO_MEND;
      world.timeline.note(target, 'has its name in the air taken by another machine');
      const service = { type: BRIDGE_SERVICE_TYPE, name: BRIDGE, port: BRIDGE_PORT_DEFAULT, txt: {} };
      return once(world.air.squat(service, STRANGER_HOST));
    },
  },
  {
    name: 'air-lossy',
    targets: bridgeInTheAir,
    begin: (world, target, random) => {
      const { air } = world;
      if (air === null) return NOTHING_TO_MEND;
      world.timeline.note(target, 'is hardly heard in the air');
      air.lossRate = LOSS.least + random.fraction() * (LOSS.most - LOSS.least);
      return once(() => {
        air.lossRate = 0;
      });
    },
  },
];

function nameFault(name: string, words: string, trouble: NameTrouble): FaultKind {
  return {
    name,
    targets: (world) => (world.network.names.names().length === 0 ? [] : [BRIDGE]),
    begin: (world, target) => {
      const { names } = world.network;
      world.timeline.note(target, words);
      for (const known of names.names()) names.trouble(known, trouble);
      return once(() => {
        world.timeline.note(target, `${words}: no more`);
        for (const known of names.names()) names.trouble(known, null);
      });
    },
  };
}

function bridgeInTheAir(world: World): readonly string[] {
  return world.air === null ? [] : [BRIDGE];
}
