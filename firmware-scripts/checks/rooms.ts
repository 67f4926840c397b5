/**
 * The rooms of the house and which may know of which. The same table is checked against every import and against the
 * references between TypeScript projects, so that the compiler's walls and ours cannot drift apart.
 */

export type Room =
  | 'protocol'
  | 'protocol/adapters'
  | 'device/core'
  | 'device/adapters'
  | 'device/app'
  | 'cloud-bridge/core'
  | 'cloud-bridge/adapters'
  | 'cloud-bridge/app'
  | 'cloud-bridge/phone/command-line'
  | 'cloud-bridge/phone/web'
  | 'simulators'
  | 'firmware-scripts';

const SHARED: readonly Room[] = ['protocol', 'protocol/adapters'];

/** Room → the other rooms it may import. Every room may import itself. */
export const MAY_IMPORT: Readonly<Record<Room, readonly Room[]>> = {
  protocol: [],
  'protocol/adapters': ['protocol'],
  'device/core': ['protocol'],
  'device/adapters': [...SHARED, 'device/core'],
  'device/app': [...SHARED, 'device/core', 'device/adapters'],
  'cloud-bridge/core': ['protocol'],
  'cloud-bridge/adapters': [...SHARED, 'cloud-bridge/core'],
  'cloud-bridge/app': [...SHARED, 'cloud-bridge/core', 'cloud-bridge/adapters'],
  'cloud-bridge/phone/command-line': SHARED,
  'cloud-bridge/phone/web': ['protocol'],
  simulators: [
    ...SHARED,
    'device/core',
    'device/adapters',
    'cloud-bridge/core',
    'cloud-bridge/adapters',
    'cloud-bridge/phone/command-line',
    'firmware-scripts',
  ],
  'firmware-scripts': SHARED,
};

export const ROOMS = Object.keys(MAY_IMPORT) as readonly Room[];

/** Rooms without powers of their own: no Node, no npm, no clock. */
export const PURE_ROOMS: readonly Room[] = ['protocol', 'device/core', 'cloud-bridge/core'];

/** @returns the innermost room that a path lies in; null for files that are in none (configuration, documents) */
export function roomOf(path: string): Room | null {
  const holding = ROOMS.filter((room) => path.startsWith(`${room}/`));
  return holding.reduce<Room | null>((best, room) => (best === null || room.length > best.length ? room : best), null);
}
