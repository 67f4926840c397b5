/**
 * One attempt to pair a speaker by the code that a person typed: the bridge's side of SPAKE2+ (spec section 15), from the
 * first question to what the speaker sealed. Nothing is kept here.
 */
import type { DoorAddress, SpeakerDoors } from '#bridge/core/ports/speaker-doors';
import { base64url, parseBase64url } from '#protocol/kit/base64url';
import type { IdentityCheck } from '#protocol/ports/identity';
import { PAIRING_KEY_BYTES, type PairingCipher } from '#protocol/ports/pairing-cipher';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { BridgeId, SpeakerId } from '#protocol/vocabulary/ids';
import { type Result, refused } from '#protocol/vocabulary/result';
import {
  PAIRING_PATHS,
  PAIRING_VERSION,
  type PairingBegun,
  type PairingBridge,
  type PairingFinish,
  pairingBegunSchema,
  pairingConfirmedSchema,
  pairingFinishedSchema,
  pairingSpeakerSchema,
} from '#protocol/wire/pairing';
import { parseValue, type Schema } from '#protocol/wire/schema';

/** The last question is asked again when its answer was lost: the speaker may already be ours. */
const FINISH_TRIES = 3;

export interface PairSpeakerPorts {
  readonly doors: SpeakerDoors;
  readonly cipher: PairingCipher;
  readonly check: Pick<IdentityCheck, 'idOfPublicKey'>;
}

export interface PairingRequest {
  readonly bridgeId: BridgeId;
  /** What the speaker is to keep of this bridge. */
  readonly told: PairingBridge;
  readonly address: DoorAddress;
  /** Whom the person meant; null: whoever is at the address. */
  readonly speakerId: SpeakerId | null;
  /** Nine digits. */
  readonly code: string;
}

/** Who the speaker turned out to be, proven by the code. */
export interface PairedPeer {
  readonly id: SpeakerId;
  readonly publicKey: Uint8Array;
  readonly name: string;
}

/** Refused with `pairing.*`, with `connect.unreachable`, or as the speaker refuses. */
export async function pairSpeaker(
  ports: PairSpeakerPorts,
  request: PairingRequest,
): Promise<Result<PairedPeer, TonearmError>> {
  const { bridgeId, address, speakerId } = request;
  const begun = await ask(ports, address, 'begin', { pairing: PAIRING_VERSION, bridgeId }, pairingBegunSchema);
  if (!begun.ok) return begun;
  if (speakerId !== null && begun.value.speakerId !== speakerId) return refused(wrongCode());
  const proven = await prove(ports, request, begun.value);
  if (!proven.ok) return proven;
  const { key, confirmation } = proven.value;
  const sealed = base64url(ports.cipher.seal(key, 'bridge', JSON.stringify(request.told)));
  const question = { attempt: begun.value.attempt, confirmation: base64url(confirmation), sealed };
  const finished = await finish(ports, address, question);
  if (!finished.ok) return finished;
  return readSpeaker(ports, ports.cipher.open(key, 'speaker', bytesOf(finished.value.sealed)), begun.value.speakerId);
}

async function prove(ports: PairSpeakerPorts, request: PairingRequest, begun: PairingBegun) {
  const { address, bridgeId, code } = request;
  const { attempt, speakerId } = begun;
  const how = { salt: bytesOf(begun.salt), speakerId };
  const proving = await ports.cipher.prove(code, how, { bridgeId, speakerId });
  const question = { attempt, share: base64url(proving.share) };
  const answer = await ask(ports, address, 'confirm', question, pairingConfirmedSchema);
  if (!answer.ok) return answer;
  const proven = proving.finish(bytesOf(answer.value.share), bytesOf(answer.value.confirmation));
  if (!proven.ok) await giveUp(ports, address, attempt);
  return proven;
}

/** Ends the attempt, so that the next need not wait until it is over by itself. */
async function giveUp(ports: PairSpeakerPorts, address: DoorAddress, attempt: string): Promise<void> {
  const nothing = base64url(new Uint8Array(PAIRING_KEY_BYTES));
  await ports.doors.ask(address, PAIRING_PATHS.finish, { attempt, confirmation: nothing, sealed: nothing });
}

async function finish(ports: PairSpeakerPorts, address: DoorAddress, question: PairingFinish) {
  for (let tries = 1; ; tries += 1) {
    const finished = await ask(ports, address, 'finish', question, pairingFinishedSchema);
    if (finished.ok || finished.error.code !== 'connect.unreachable' || tries === FINISH_TRIES) return finished;
  }
}

function readSpeaker(
  { check }: PairSpeakerPorts,
  text: string | null,
  id: SpeakerId,
): Result<PairedPeer, TonearmError> {
  const strange = new TonearmError('fetch.unexpected-answer', 'the speaker did not say who it is');
  if (text === null) return refused(strange);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused(strange);
  }
  const told = parseValue(pairingSpeakerSchema, value, 'what the speaker sealed');
  if (!told.ok) return refused(strange);
  const publicKey = bytesOf(told.value.publicKey);
  if (check.idOfPublicKey(publicKey) !== id) return refused(strange);
  return { ok: true, value: { id, publicKey, name: told.value.name } };
}

async function ask<Body>(
  { doors }: PairSpeakerPorts,
  address: DoorAddress,
  question: keyof typeof PAIRING_PATHS,
  body: object,
  schema: Schema<Body>,
): Promise<Result<Body, TonearmError>> {
  const answer = await doors.ask(address, PAIRING_PATHS[question], body);
  if (!answer.ok) return answer;
  const parsed = parseValue(schema, answer.value, `the answer to ${question}`);
  return parsed.ok ? parsed : refused(new TonearmError('fetch.unexpected-answer', parsed.error.message));
}

/** Also what a person hears who names a speaker that there is not. */
export function wrongCode(): TonearmError {
  const message = 'the code is wrong, or there is no such speaker that can be paired now';
  return new TonearmError('pairing.refused', message, { field: 'code' });
}

/** Of text that a schema has checked. */
function bytesOf(text: string): Uint8Array {
  return parseBase64url(text) ?? new Uint8Array();
}
