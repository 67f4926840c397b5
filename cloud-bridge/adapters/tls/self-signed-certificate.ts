/**
 * A certificate that nobody vouches for (RFC 5280): speakers know its key from pairing, and look at nothing else of it.
 * Written out here because the libraries that make certificates weigh more than the hundred bytes around the key.
 */
import { createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { bitString, DER, der, objectId } from './der.ts';

const ECDSA_WITH_SHA256 = der(DER.sequence, objectId('1.2.840.10045.4.3.2'));
const COMMON_NAME = objectId('2.5.4.3');
const ALTERNATIVE_NAMES = objectId('2.5.29.17');
const EXTENDED_USAGE = objectId('2.5.29.37');
const SERVER_USAGE = objectId('1.3.6.1.5.5.7.3.1');
/** Before any speaker's clock, and "no well-defined end" (RFC 5280 section 4.1.2.5): a house has no one to renew it. */
const FROM = der(DER.utcTime, Buffer.from('200101000000Z'));
const UNTIL = der(DER.time, Buffer.from('99991231235959Z'));
const VERSION_3 = der(0xa0, der(DER.integer, Buffer.of(2)));
const SERIAL_BYTES = 16;
const LINE_LENGTH = 64;

/**
 * @param key of the curve P-256, which every browser and tool speaks; signs the certificate too
 * @param name whose it is; @param hosts names and addresses under which it may be asked for
 * @returns PEM
 */
export function makeSelfSignedCertificate(key: KeyObject, name: string, hosts: readonly string[]): string {
  const subject = der(DER.sequence, der(DER.set, der(DER.sequence, COMMON_NAME, der(DER.text, Buffer.from(name)))));
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const extensions = [
    extension(ALTERNATIVE_NAMES, der(DER.sequence, ...hosts.map(generalName))),
    extension(EXTENDED_USAGE, der(DER.sequence, SERVER_USAGE)),
  ];
  const body = der(
    DER.sequence,
    VERSION_3,
    serial(),
    ECDSA_WITH_SHA256,
    subject,
    der(DER.sequence, FROM, UNTIL),
    subject,
    spki,
    der(0xa3, der(DER.sequence, ...extensions)),
  );
  return pem(der(DER.sequence, body, ECDSA_WITH_SHA256, bitString(sign('sha256', body, key))));
}

/** Another for each certificate: browsers refuse two of one issuer with the same. Positive, and without a zero in front. */
function serial(): Buffer {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return der(DER.integer, bytes);
}

function extension(id: Buffer, value: Buffer): Buffer {
  return der(DER.sequence, id, der(DER.octets, value));
}

function generalName(host: string): Buffer {
  if (isIP(host) === 4) return der(0x87, Buffer.from(host.split('.').map(Number)));
  return der(0x82, Buffer.from(host, 'latin1'));
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(new RegExp(`.{1,${LINE_LENGTH}}`, 'g')) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
