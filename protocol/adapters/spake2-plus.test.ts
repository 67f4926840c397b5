/** RFC 9383, appendix C: SPAKE2+-P256-SHA256-HKDF-SHA256-HMAC-SHA256 Test Vectors. */
import { describe, expect, it } from 'vitest';
import {
  encodeScalar,
  isSame,
  proverKeys,
  proverShare,
  randomScalar,
  readScalar,
  registrationPoint,
  scalarOf,
  verifierKeys,
  verifierShare,
} from '#protocol/adapters/spake2-plus';

const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const scalar = (hex: string) => readScalar(bytesOf(hex));

const WHO = {
  context: 'SPAKE2+-P256-SHA256-HKDF-SHA256-HMAC-SHA256 Test Vectors',
  proverId: 'client',
  verifierId: 'server',
};
const W0 = scalar('bb8e1bbcf3c48f62c08db243652ae55d3e5586053fca77102994f23ad95491b3');
const W1 = scalar('7e945f34d78785b8a3ef44d0df5a1a97d6b3b460409a345ca7830387a74b1dba');
const X = scalar('d1232c8e8693d02368976c174e2088851b8365d0d79a9eee709c6a05a2fad539');
const Y = scalar('717a72348a182085109c8d3917d6c43d59b224dc6a7fc4f0483232fa6516d8b3');
const L = `04${'eb7c9db3d9a9eb1f8adab81b5794c1f13ae3e225efbe91ea487425854c7fc00f'}${'00bfedcbd09b2400142d40a14f2064ef31dfaa903b91d1faea7093d835966efd'}`;
const SHARE_P = `04${'ef3bd051bf78a2234ec0df197f7828060fe9856503579bb1733009042c15c0c1'}${'de127727f418b5966afadfdd95a6e4591d171056b333dab97a79c7193e341727'}`;
const SHARE_V = `04${'c0f65da0d11927bdf5d560c69e1d7d939a05b0e88291887d679fcadea75810fb'}${'5cc1ca7494db39e82ff2f50665255d76173e09986ab46742c798a9a68437b048'}`;
const CONFIRM_P = '926cc713504b9b4d76c9162ded04b5493e89109f6d89462cd33adc46fda27527';
const CONFIRM_V = '9747bcc4f8fe9f63defee53ac9b07876d907d55047e6ff2def2e7529089d3e68';
const SHARED = '0c5f8ccd1413423a54f6c1fb26ff01534a87f893779c6e68666d772bfd91f3e7';

const shares = { prover: bytesOf(SHARE_P), verifier: bytesOf(SHARE_V) };

describe('SPAKE2+, by the vectors of RFC 9383', () => {
  it('registers and shares what the RFC has', () => {
    expect(hexOf(registrationPoint(W1))).toBe(L);
    expect(hexOf(proverShare(W0, X))).toBe(SHARE_P);
    expect(hexOf(verifierShare(W0, Y))).toBe(SHARE_V);
  });

  it.each([
    ['prover', () => proverKeys(WHO, { w0: W0, w1: W1, x: X }, shares)],
    ['verifier', () => verifierKeys(WHO, { w0: W0, l: bytesOf(L), y: Y }, shares)],
  ])('ends as the RFC has it on the side of the %s', (_side, keysOf) => {
    const keys = keysOf();
    expect(hexOf(keys.confirmProver)).toBe(CONFIRM_P);
    expect(hexOf(keys.confirmVerifier)).toBe(CONFIRM_V);
    expect(hexOf(keys.shared)).toBe(SHARED);
  });

  it.each([
    ['cut short', bytesOf(SHARE_P).subarray(0, 64)],
    ['compressed', bytesOf(`03${SHARE_P.slice(2, 66)}`)],
    ['off the curve', bytesOf(`${SHARE_P.slice(0, -2)}28`)],
    ['the point at infinity', new Uint8Array(65)],
    ['of a coordinate that is too large', bytesOf(`04${'ff'.repeat(64)}`)],
  ])('takes no share that is %s', (_what, share) => {
    expect(() => verifierKeys(WHO, { w0: W0, l: bytesOf(L), y: Y }, { ...shares, prover: share })).toThrow();
    expect(() => proverKeys(WHO, { w0: W0, w1: W1, x: X }, { ...shares, verifier: share })).toThrow();
  });

  it('reduces what is stretched to a number of the group, and draws such numbers', () => {
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    expect(scalarOf(bytesOf(`00${(order + 5n).toString(16)}`))).toBe(5n);
    expect(scalarOf(new Uint8Array(40))).toBe(1n);
    const drawn = randomScalar();
    expect(readScalar(encodeScalar(drawn))).toBe(drawn);
    expect(drawn).not.toBe(randomScalar());
  });

  it('compares whole', () => {
    expect(isSame(bytesOf('0102'), bytesOf('0102'))).toBe(true);
    expect(isSame(bytesOf('0102'), bytesOf('0103'))).toBe(false);
    expect(isSame(bytesOf('0102'), bytesOf('01'))).toBe(false);
  });
});
