/**
 * What a replayed bridge knows of keys and of who belongs to it: what it found out then. Keys of a record are not the real
 * ones, so nothing can be checked anew; and the contexts that go by lists keep the names that they were given.
 */
import { nodeDigest } from '#bridge/adapters/node-crypto/node-digest';
import type { Digest } from '#bridge/core/ports/digest';
import type { PairedSpeaker } from '#bridge/core/ports/paired-speakers';
import type { SpeakerTrust } from '#bridge/core/relay/speaker-check';
import { SpeakerPasses } from '#bridge/core/relay/speaker-passes';
import { base64url, parseBase64url } from '#protocol/kit/base64url';
import { createTrackLists } from '#protocol/kit/track-lists';
import type { Clock } from '#protocol/ports/clock';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '#protocol/ports/identity';
import type { Random } from '#protocol/ports/random';
import type { FlightEntry, FlightRecord } from '#protocol/wire/flight-record';
import { CONTEXT_TRACKS_MAX } from '#protocol/wire/playback-state';
import { type TrackList, trackListSchema } from '#protocol/wire/track-list';
import { bytesOfBase62 } from './bytes-of-base62.ts';

/** Lists of a recording that are put together at once. */
const LISTS = { lists: 64, entries: 8 * CONTEXT_TRACKS_MAX };

/** @returns null for a bridge that asked nobody who they are */
export function recordedTrust(
  { header, entries }: FlightRecord,
  ports: { readonly clock: Clock; readonly random: Random },
): SpeakerTrust {
  const ids = new Map<string, string>();
  const signed = new Map<string, boolean>();
  const paired = new Map<string, Readonly<Record<string, unknown>> | null>();
  for (const { port, event } of entries) {
    if (port === 'identity' && event.kind === 'idOf') ids.set(event.key, event.id);
    if (port === 'identity' && event.kind === 'checked') signed.set(event.key, event.isSigned);
    if (port === 'paired') paired.set(event.id, event.speaker);
  }
  const publicKey = new Uint8Array(PUBLIC_KEY_BYTES);
  return {
    identity: { publicKey, sign: () => new Uint8Array(SIGNATURE_BYTES) },
    check: {
      idOfPublicKey: (key) => ids.get(base64url(key)) ?? 'unknown-speaker',
      isSignedBy: (key) => signed.get(base64url(key)) ?? false,
    },
    paired: { find: async (id) => pairedOf(paired.get(id) ?? null) },
    passes: new SpeakerPasses(ports),
    alarms: { speakerRefused: () => undefined, idClaimedTwice: () => undefined, identityDoubled: () => undefined },
    isOpen: header.configuration['access'] === 'open',
  };
}

/** Keys stand as text in a record. */
function pairedOf(speaker: Readonly<Record<string, unknown>> | null): PairedSpeaker | null {
  if (speaker === null) return null;
  const publicKey = parseBase64url(String(speaker['publicKey'])) ?? new Uint8Array(PUBLIC_KEY_BYTES);
  return { ...(speaker as unknown as PairedSpeaker), publicKey };
}

/** A context that was recorded has the name that it had then; any other has its own. */
export function recordedDigest(entries: readonly FlightEntry[]): Digest {
  const names = new Map<string, string>();
  const lists = createTrackLists(LISTS);
  const named = (id: unknown, trackIds: unknown) => {
    if (typeof id === 'string' && Array.isArray(trackIds)) names.set(trackIds.join('\n'), id);
  };
  const asked = new Map<unknown, unknown>();
  for (const { port, event } of entries) {
    if (port === 'household' && event.kind === 'asked') asked.set(event.how['commandId'], event.what['trackIds']);
    if (port === 'store') for (const { state } of event.sessions) namesIn(state, named);
    if (port !== 'link' || (event.kind !== 'received' && event.kind !== 'sent')) continue;
    // What a list that is told holds is not recorded; whoever asked for it to be played said so.
    const { id, body } = event.message;
    if (isListed(body)) named(body.list.id, asked.get(id));
    const part = trackListSchema.safeParse(event.message);
    if (part.success) named(part.data.listId, lists.take(part.data as TrackList));
  }
  return {
    sha256: (text) => {
      const id = names.get(text);
      return id === undefined ? nodeDigest.sha256(text) : bytesOfBase62(id);
    },
  };
}

function isListed(body: unknown): body is { readonly list: { readonly id: unknown } } {
  if (typeof body !== 'object' || body === null || !('list' in body)) return false;
  return typeof body.list === 'object' && body.list !== null && 'id' in body.list;
}

function namesIn(state: unknown, named: (id: unknown, trackIds: unknown) => void): void {
  if (typeof state !== 'object' || state === null || !('queue' in state)) return;
  const { queue } = state;
  if (typeof queue !== 'object' || queue === null || !('list' in queue) || !('trackIds' in queue)) return;
  if (typeof queue.list === 'object' && queue.list !== null && 'id' in queue.list) named(queue.list.id, queue.trackIds);
}
