/** What a bridge finds out of keys and of who belongs to it comes from outside; it is asked for at each hello, and recorded. */
import type { PairedSpeaker } from '#bridge/core/ports/paired-speakers';
import type { SpeakerTrust } from '#bridge/core/relay/speaker-check';
import { base64url } from '#protocol/kit/base64url';
import type { FlightRecorder } from '#protocol/kit/flight-recorder';

/** Speakers of which it is still known when a recording begins in the middle; a home has a dozen. */
const KNOWN_MAX = 1_000;

interface KnownKey {
  readonly id: string;
  readonly isSigned: boolean;
}

export function recordTrust(trust: SpeakerTrust, recorder: FlightRecorder): SpeakerTrust {
  const { check, paired } = trust;
  const keys = new Map<string, KnownKey>();
  const speakers = new Map<string, PairedSpeaker | null>();
  recorder.add(() => [
    ...[...keys].flatMap(([key, { id, isSigned }]) => [
      { port: 'identity', event: { kind: 'idOf', key, id } } as const,
      { port: 'identity', event: { kind: 'checked', key, isSigned } } as const,
    ]),
    ...[...speakers].map(([id, speaker]) => ({ port: 'paired', event: { kind: 'found', id, speaker } }) as const),
  ]);
  return {
    ...trust,
    check: {
      idOfPublicKey: (publicKey) => {
        const id = check.idOfPublicKey(publicKey);
        const key = base64url(publicKey);
        keep(keys, key, { id, isSigned: keys.get(key)?.isSigned ?? false });
        recorder.note('identity', { kind: 'idOf', key, id });
        return id;
      },
      isSignedBy: (publicKey, message, signature) => {
        const isSigned = check.isSignedBy(publicKey, message, signature);
        const key = base64url(publicKey);
        const known = keys.get(key);
        if (known !== undefined) keep(keys, key, { ...known, isSigned });
        recorder.note('identity', { kind: 'checked', key, isSigned });
        return isSigned;
      },
    },
    paired: {
      find: async (id) => {
        const speaker = await paired.find(id);
        keep(speakers, id, speaker);
        recorder.note('paired', { kind: 'found', id, speaker });
        return speaker;
      },
    },
  };
}

/** As the newest. */
function keep<Value>(known: Map<string, Value>, key: string, value: Value): void {
  known.delete(key);
  known.set(key, value);
  const [oldest] = known.keys();
  if (known.size > KNOWN_MAX && oldest !== undefined) known.delete(oldest);
}
