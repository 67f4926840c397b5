import { describe, expect, it } from 'vitest';
import { withoutRandomness } from './single-file.ts';

describe('withoutRandomness', () => {
  it('makes two builds of one source the same, byte by byte and of one length', () => {
    const built = (name: string) => Buffer.from(`\x7fELF\xff/tmp/pkg-sea-${name}/sea-main.js\0\xfe`, 'latin1');
    const [one, other] = [withoutRandomness(built('aB3xYz')), withoutRandomness(built('Q09009'))];
    expect(one.equals(other)).toBe(true);
    expect(one.length).toBe(built('aB3xYz').length);
    expect(one.toString('latin1')).toContain('/sea-main.js');
  });
});
