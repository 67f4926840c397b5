/** Keeps passwords so that whoever reads the store does not have them. Slow by intent. */
export interface PasswordHasher {
  /** @returns what recognises it, with all that is needed for that; each time another */
  hash(password: string): Promise<string>;
  /** As long for a wrong one as for the right one, and as long when `hash` is null, which nothing is right for. */
  isRight(password: string, hash: string | null): Promise<boolean>;
}
