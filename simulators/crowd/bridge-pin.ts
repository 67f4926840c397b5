/** The pin of a bridge's key, as it shows it: what pairing would have told, for a crowd that was not paired one by one. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { TonearmError } from '#protocol/vocabulary/errors';

const ANSWERS_WITHIN_MS = 5_000;

/**
 * @param address `wss://host:port`
 * @returns SHA-256 of its SubjectPublicKeyInfo
 * @throws TonearmError `connect.unreachable`
 */
export async function bridgePin(address: string): Promise<Uint8Array> {
  const { hostname, port } = new URL(address);
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
    const spki = socket.getPeerX509Certificate()?.publicKey.export({ format: 'der', type: 'spki' });
    if (spki === undefined) throw new Error('it shows no certificate');
    return createHash('sha256').update(spki).digest();
  } catch (cause) {
    throw new TonearmError('connect.unreachable', `${address} answers no TLS: ${String(cause)}`, { cause });
  } finally {
    socket.destroy();
  }
}
