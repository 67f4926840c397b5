/** What every password hasher must keep to: the contract of `cloud-bridge/core/ports/password-hasher.ts` as tests. */
import { describe, expect, it } from 'vitest';
import type { PasswordHasher } from '#bridge/core/ports/password-hasher';

export function describePasswordHasher(name: string, create: () => PasswordHasher): void {
  describe(`password hasher: ${name}`, () => {
    it('recognises a password, and nothing else', async () => {
      const hasher = create();
      const hash = await hasher.hash('a long evening');
      expect(await hasher.isRight('a long evening', hash)).toBe(true);
      expect(await hasher.isRight('a long evenin', hash)).toBe(false);
      expect(await hasher.isRight('', hash)).toBe(false);
    });

    it('recognises it in another process', async () => {
      const hash = await create().hash('a long evening');
      expect(await create().isRight('a long evening', hash)).toBe(true);
    });

    it('finds nothing right where there is no hash, or what is none', async () => {
      for (const hash of [null, '', 'a long evening']) {
        expect(await create().isRight('a long evening', hash)).toBe(false);
      }
    });
  });
}
