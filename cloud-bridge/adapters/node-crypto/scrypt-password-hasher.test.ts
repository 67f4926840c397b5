import { describe, expect, it } from 'vitest';
import { createScryptPasswordHasher } from './scrypt-password-hasher.ts';

const hasher = createScryptPasswordHasher({ N: 1_024, r: 8, p: 1 });

describe('passwords by scrypt', () => {
  it('are recognised, and nothing else is', async () => {
    const hash = await hasher.hash('a long evening');
    expect(await hasher.isRight('a long evening', hash)).toBe(true);
    expect(await hasher.isRight('a long evenin', hash)).toBe(false);
    expect(await hasher.isRight('', hash)).toBe(false);
    expect(await hasher.isRight('a long evening', null)).toBe(false);
  });

  it('are the same however a keyboard writes their letters', async () => {
    expect(await hasher.isRight('cafe\u0301', await hasher.hash('caf\u00e9'))).toBe(true);
  });

  it('are salted, and not stored', async () => {
    const [one, other] = [await hasher.hash('a long evening'), await hasher.hash('a long evening')];
    expect(one).not.toBe(other);
    expect(one).toMatch(/^scrypt\$1024\$8\$1\$/);
  });

  it('made at another cost are still recognised', async () => {
    const dearer = createScryptPasswordHasher({ N: 2_048, r: 8, p: 1 });
    expect(await hasher.isRight('a long evening', await dearer.hash('a long evening'))).toBe(true);
  });

  it('are wrong when what is stored is damaged', async () => {
    for (const hash of ['', 'scrypt$', 'plain$a long evening', 'scrypt$1024$8$1$short$short']) {
      expect(await hasher.isRight('a long evening', hash)).toBe(false);
    }
  });
});
