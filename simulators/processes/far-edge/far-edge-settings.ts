/** What a far edge is told to be; what is not said stays as it was. */

export interface FarEdgeSettings {
  /** There and back; 0: near. */
  readonly roundTripMs: number;
  /** Of the whole path towards the listener; 0: no limit. */
  readonly bytesPerSecond: number;
  /** What is far: only files and heads, or whatever passes. */
  readonly scope: 'music' | 'all';
  /** Nobody answers: connections are reset, open ones at once. */
  readonly isGone: boolean;
  /** Whether each request, answer and command that passes is printed. */
  readonly isTraced: boolean;
}

const NEAR: FarEdgeSettings = { roundTripMs: 0, bytesPerSecond: 0, scope: 'music', isGone: false, isTraced: false };

/** @throws TypeError for a field or a value that means nothing: a bench must not measure another path than it names */
export function parseFarEdgeSettings(before: Partial<FarEdgeSettings>, told: unknown): FarEdgeSettings {
  if (typeof told !== 'object' || told === null) throw new TypeError('settings of a far edge are an object');
  const settings = { ...NEAR, ...before };
  for (const [key, value] of Object.entries(told)) {
    if (!(key in NEAR)) throw new TypeError(`a far edge has no ${key}`);
    if (typeof value !== typeof NEAR[key as keyof FarEdgeSettings]) throw new TypeError(`${key} cannot be ${value}`);
  }
  return { ...settings, ...told };
}
