/** What has been revoked, looked up in constant time for each request; the same for the bridge and for its edges. */
import type { ContentClaims, Revocations } from '#protocol/wire/content-token';

export class RevocationList {
  #revision = 0;
  #tokens: ReadonlySet<string> = new Set();
  /** Account and speaker to the instant before which all is revoked, seconds since 1970. */
  #accounts: ReadonlyMap<string, number> = new Map();
  #speakers: ReadonlyMap<string, number> = new Map();

  /** Grows with every change; 0 before anything was ever known. */
  get revision(): number {
    return this.#revision;
  }

  /** Replaces all that was known. */
  set(revocations: Revocations): void {
    const tokens = new Set<string>();
    const accounts = new Map<string, number>();
    const speakers = new Map<string, number>();
    for (const entry of revocations.entries) {
      if (entry.kind === 'token') tokens.add(entry.jti);
      else if (entry.kind === 'account') keepLatest(accounts, entry.sub, entry.before);
      else keepLatest(speakers, entry.spk, entry.before);
    }
    this.#tokens = tokens;
    this.#accounts = accounts;
    this.#speakers = speakers;
    this.#revision = revocations.revision;
  }

  isRevoked({ jti, nbf, sub, spk }: ContentClaims): boolean {
    return this.#tokens.has(jti) || nbf < this.goodFromS(sub, spk ?? null);
  }

  /** Tokens of this account and speaker that are good from earlier than this are revoked, seconds since 1970. */
  goodFromS(accountId: string, speakerId: string | null): number {
    const ofSpeaker = speakerId === null ? 0 : (this.#speakers.get(speakerId) ?? 0);
    return Math.max(ofSpeaker, this.#accounts.get(accountId) ?? 0);
  }
}

function keepLatest(map: Map<string, number>, key: string, before: number): void {
  map.set(key, Math.max(before, map.get(key) ?? 0));
}
