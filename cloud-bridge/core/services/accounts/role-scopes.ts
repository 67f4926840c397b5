/** What each role may do at most; a token may be for less, never for more. */
import { type AccountRole, SCOPES, type Scope } from '../../ports/callers.ts';

const OWNERS_ONLY: readonly Scope[] = ['tonearm-accounts', 'tonearm-speakers'];
/** Plays and queues; what is in the library can be seen by anybody who is signed in. */
const GUEST: readonly Scope[] = [
  'user-read-playback-state',
  'user-read-currently-playing',
  'user-read-recently-played',
  'user-modify-playback-state',
  'user-read-private',
];

const BY_ROLE: Readonly<Record<AccountRole, readonly Scope[]>> = {
  owner: SCOPES,
  member: SCOPES.filter((scope) => !OWNERS_ONLY.includes(scope)),
  guest: GUEST,
};

export function scopesOf(role: AccountRole): readonly Scope[] {
  return BY_ROLE[role];
}

/**
 * @param text names with spaces between, as OAuth has them; empty: all that the role has
 * @returns null when one of them is none of ours
 */
export function parseScopes(text: string): readonly Scope[] | null {
  const names = text.split(' ').filter((name) => name !== '');
  const known = SCOPES.filter((scope) => names.includes(scope));
  if (names.some((name) => !known.some((scope) => scope === name))) return null;
  return names.length === 0 ? SCOPES : known;
}
