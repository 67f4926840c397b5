/** What a simulated network can be asked and told while it runs, as routes of a control door. */
import * as z from 'zod/mini';
import { parseConditionsChange } from './conditions.ts';
import { type ControlRoute, readBody } from './control-door.ts';
import { CUTS, type SimulatedNetwork, WAYS } from './simulated-network.ts';

const CORRUPT_PACKETS_MAX = 100_000;

const cutSchema = z.strictObject({
  direction: z._default(z.enum([...WAYS, 'both']), 'both'),
  kind: z._default(z.enum(CUTS), 'hold'),
});
const corruptSchema = z.strictObject({
  direction: z._default(z.enum(WAYS), 'down'),
  packets: z._default(z.int().check(z.minimum(1), z.maximum(CORRUPT_PACKETS_MAX)), 1),
});
const nothingSchema = z.strictObject({});

/** @param prefix before each path, for a simulation of several networks: e.g. `/regions/{region}`; `find` reads its name */
export function networkControls(
  find: (names: Readonly<Record<string, string>>) => SimulatedNetwork,
  prefix = '',
): readonly ControlRoute[] {
  return [
    { method: 'GET', path: `${prefix}/state`, answer: (_, names) => find(names).state() },
    {
      method: 'PUT',
      path: `${prefix}/conditions`,
      answer: (body, names) => {
        const network = find(names);
        network.change(parseConditionsChange(body ?? {}));
        return network.conditions;
      },
    },
    {
      method: 'POST',
      path: `${prefix}/cut`,
      answer: (body, names) => {
        const network = find(names);
        const { direction, kind } = readBody(cutSchema, body, 'cut');
        network.cut(direction, kind);
        return { cuts: network.state().cuts };
      },
    },
    {
      method: 'POST',
      path: `${prefix}/heal`,
      answer: (body, names) => {
        readBody(nothingSchema, body, 'heal');
        find(names).heal();
        return { cuts: find(names).state().cuts };
      },
    },
    {
      method: 'POST',
      path: `${prefix}/reset-connections`,
      answer: (body, names) => {
        readBody(nothingSchema, body, 'reset-connections');
        return { reset: find(names).resetConnections() };
      },
    },
    {
      method: 'POST',
      path: `${prefix}/corrupt-next`,
      answer: (body, names) => {
        const { direction, packets } = readBody(corruptSchema, body, 'corrupt-next');
        find(names).corruptNext(direction, packets);
        return { direction, packets };
      },
    },
  ];
}
