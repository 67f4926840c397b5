/** A certificate of its own for a server of this machine, signed by itself: whoever is told of it trusts it, nobody else. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface TestCertificate {
  /** PEM files. */
  readonly certPath: string;
  readonly keyPath: string;
}

/** @param folder is there already */
export async function makeTestCertificate(folder: string): Promise<TestCertificate> {
  const [certPath, keyPath] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-keyout', keyPath, '-out', certPath],
  ]);
  return { certPath, keyPath };
}
