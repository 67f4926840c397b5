import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { der, objectId } from './der.ts';
import { loadOwnTlsMaterial, readGivenTlsMaterial } from './tls-material.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonearm-tls-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const ABOUT = { name: 'Tonearm Küche', hosts: ['localhost', 'pantry.local', '192.168.1.5'] };
const own = () => loadOwnTlsMaterial(folder, ABOUT);

describe('the bridge’s own certificate', () => {
  it('is one that other programs read: signed by its key, under all its names, without an end', () => {
    const { cert, key } = own();
    const certificate = new X509Certificate(cert);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(certificate.subject).toBe('CN=Tonearm Küche');
    expect(certificate.subjectAltName).toBe('DNS:localhost, DNS:pantry.local, IP Address:192.168.1.5');
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(certificate.validFromDate.getUTCFullYear()).toBe(2020);
    expect(certificate.validToDate.getUTCFullYear()).toBe(9999);
    expect(certificate.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
  });

  it('is kept with its key, both the owner’s alone', () => {
    const first = own();
    expect(own()).toEqual(first);
    for (const file of ['tls.key', 'tls.crt']) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  });

  it('is made anew around the same key when it is damaged or another’s: the pin stays', () => {
    const first = own();
    const other = mkdtempSync(join(tmpdir(), 'tonearm-tls-'));
    for (const text of ['cut', loadOwnTlsMaterial(other, ABOUT).cert]) {
      writeFileSync(join(folder, 'tls.crt'), text);
      const again = own();
      expect(again.pin).toEqual(first.pin);
      expect(new X509Certificate(again.cert).serialNumber).not.toBe(new X509Certificate(first.cert).serialNumber);
    }
    rmSync(other, { recursive: true });
  });

  it('is not made around a new key when the old one is damaged', () => {
    own();
    writeFileSync(join(folder, 'tls.key'), '-----BEGIN PRIVATE KEY-----\nAAAA\n');
    expect(own).toThrow(expect.objectContaining({ code: 'storage.failed' }));
    expect(readFileSync(join(folder, 'tls.key'), 'utf8')).toContain('AAAA');
  });
});

describe('a certificate of one’s own', () => {
  it('is taken with its key, and refused by the name of the flag without', () => {
    const { cert, key, pin } = own();
    const paths = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
    expect(readGivenTlsMaterial(paths)).toEqual({ cert, key, pin });
    const foreign = join(folder, 'foreign.key');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(foreign, privateKey.export({ format: 'pem', type: 'pkcs8' }));
    const refusal = (given: { cert: string; key: string }, field: string) =>
      expect(() => readGivenTlsMaterial(given)).toThrow(expect.objectContaining({ code: 'config.invalid', field }));
    refusal({ ...paths, key: foreign }, 'tls-key');
    refusal({ ...paths, key: paths.cert }, 'tls-key');
    refusal({ ...paths, cert: paths.key }, 'tls-cert');
    refusal({ ...paths, cert: join(folder, 'nowhere') }, 'tls-cert');
  });
});

describe('DER', () => {
  it('writes lengths and object identifiers as X.690 has them', () => {
    expect(der(4, new Uint8Array(127)).subarray(0, 2).toString('hex')).toBe('047f');
    expect(der(4, new Uint8Array(128)).subarray(0, 3).toString('hex')).toBe('048180');
    expect(der(4, new Uint8Array(255)).subarray(0, 3).toString('hex')).toBe('0481ff');
    expect(der(4, new Uint8Array(256)).subarray(0, 4).toString('hex')).toBe('04820100');
    expect(objectId('1.2.840.10045.4.3.2').toString('hex')).toBe('06082a8648ce3d040302');
    expect(objectId('2.5.4.3').toString('hex')).toBe('0603550403');
  });
});
