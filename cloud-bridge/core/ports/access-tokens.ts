/** Access tokens of our own doors: signed with the bridge's key, read by this bridge alone. */

import type { accessClaimsSchema } from '#protocol/wire/access-token';
import type { Infer } from '#protocol/wire/schema';

export type AccessClaims = Infer<typeof accessClaimsSchema>;

export interface AccessTokens {
  /** @returns a JSON Web Token whose header says `typ: at+jwt`, `alg: EdDSA` and which key */
  sign(claims: AccessClaims): Promise<string>;
  /** Null when it is anything but a token that this bridge has signed so, for itself. Its times are not looked at. */
  verify(token: string): Promise<AccessClaims | null>;
}
