/**
 * Certificates that are trusted beside the machine's own, for a bridge whose certificate a house has signed itself. For the whole
 * process, since every client that Node has looks in the same place.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { TonearmError } from '#protocol/vocabulary/errors';

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
/** A house has one or two; the authorities of the whole world are some hundred and fifty. */
const CERTIFICATES_MAX = 500;

/** @param file of certificates in PEM. @throws TonearmError `input.invalid` naming `--ca` */
export function trustAlso(file: string): void {
  const trusted = [...getCACertificates('default'), ...certificatesIn(readText(file), file)];
  setDefaultCACertificates(trusted);
}

function certificatesIn(text: string, file: string): readonly string[] {
  const found = text.match(PEM) ?? [];
  if (found.length === 0) throw invalid(file, 'has no certificate in PEM');
  if (found.length > CERTIFICATES_MAX) throw invalid(file, `has more than ${CERTIFICATES_MAX} certificates`);
  for (const pem of found) {
    try {
      new X509Certificate(pem);
    } catch (cause) {
      throw invalid(file, 'has a certificate that is none', cause);
    }
  }
  return found;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw invalid(file, 'cannot be read', cause);
  }
}

function invalid(file: string, why: string, cause?: unknown): TonearmError {
  return new TonearmError('input.invalid', `--ca: ${file} ${why}`, { field: '--ca', cause });
}
