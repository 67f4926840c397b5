/** The few pieces of DER (X.690) of which a certificate is made. */

export const DER = {
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  text: 0x0c,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  time: 0x18,
} as const;

const LONG_FORM = 0x80;

/** @param tag one byte: class, constructed, number */
export function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < LONG_FORM) return Buffer.concat([Buffer.of(tag, body.length), body]);
  const length = Buffer.from(body.length.toString(16).padStart(body.length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.of(tag, LONG_FORM | length.length), length, body]);
}

/** @param dotted e.g. `2.5.4.3` */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** Without unused bits. */
export function bitString(content: Uint8Array): Buffer {
  return der(DER.bits, Buffer.of(0), content);
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}
