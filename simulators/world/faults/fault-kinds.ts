/**
 * Everything that can go wrong in a simulated household, by name: what random plans draw from, and what a plan that was
 * written down is read with. One file per family; docs/guides/add-a-fault.md says how one is added.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import { DISK_FAULTS } from './disks.ts';
import { EDGE_FAULTS } from './edges.ts';
import type { FaultKind } from './fault-kind.ts';
import { LINK_FAULTS } from './links.ts';
import { MACHINE_FAULTS } from './machines.ts';
import { NAME_FAULTS } from './names.ts';
import { PROCESS_FAULTS } from './processes.ts';

/** New ones are added within their family; a plan refers to them by name, so that their order may change. */
export const FAULT_KINDS: readonly FaultKind[] = [
  ...PROCESS_FAULTS,
  ...LINK_FAULTS,
  ...DISK_FAULTS,
  ...NAME_FAULTS,
  ...MACHINE_FAULTS,
  ...EDGE_FAULTS,
];

/** @throws TonearmError input.unknown for a name that none has, with those there are */
export function faultKindNamed(name: string): FaultKind {
  const kind = FAULT_KINDS.find((it) => it.name === name);
  if (kind !== undefined) return kind;
  const known = FAULT_KINDS.map((it) => it.name).join(', ');
  throw new TonearmError('input.unknown', `no fault is called ${JSON.stringify(name)}; there are ${known}`);
}
