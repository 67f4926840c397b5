/**
 * What a bridge and a speaker say to each other before they belong together, over the speaker's own door. Spec section 15.
 *
 * Three questions of the bridge, each with its answer, and inside the last one, sealed for each other, who they are.
 */
import * as z from 'zod/mini';
import { bridgeIdSchema, type Infer, nameSchema, publicKeySchema, signatureSchema, speakerIdSchema } from './schema.ts';

/** Version of pairing, bound into what both sides confirm: a downgrade by somebody in between is noticed. */
export const PAIRING_VERSION = 1;
/** Bytes of a request or an answer on the door; more is not read. */
export const PAIRING_BODY_BYTES_MAX = 4_096;
/** How long an attempt may take, from `begin` to `finish`, in milliseconds. */
export const PAIRING_ATTEMPT_MS = 60_000;
/** Decimal digits of a code: 29.9 bits. */
export const PAIRING_CODE_DIGITS = 9;

/** At the speaker's door, each a POST. */
export const PAIRING_PATHS = {
  begin: '/v1/pairing/begin',
  confirm: '/v1/pairing/confirm',
  finish: '/v1/pairing/finish',
} as const;

/** Addresses of a bridge that a speaker is told. */
export const PAIRING_ADDRESSES_MAX = 8;
const ADDRESS_LENGTH_MAX = 300;
const SEALED_LENGTH_MAX = 3_000;

const attempt = z.string().check(z.regex(/^[0-9A-Za-z_-]{22}$/));
/** 16, 32 and 65 bytes of base64url. */
const salt = z.string().check(z.regex(/^[0-9A-Za-z_-]{21}[AQgw]$/));
const bytes32 = z.string().check(z.regex(/^[0-9A-Za-z_-]{42}[AEIMQUYcgkosw048]$/));
const share = z.string().check(z.regex(/^[0-9A-Za-z_-]{86}[AEIMQUYcgkosw048]$/));
const sealed = z.string().check(z.minLength(22), z.maxLength(SEALED_LENGTH_MAX), z.regex(/^[0-9A-Za-z_-]+$/));

/** Which bridge wants to pair, and its answer: which speaker, and the salt of its code. */
export const pairingBeginSchema = z.object({ pairing: z.literal(PAIRING_VERSION), bridgeId: bridgeIdSchema });
/** The answer to begin. */
export const pairingBegunSchema = z.object({
  pairing: z.literal(PAIRING_VERSION),
  attempt,
  speakerId: speakerIdSchema,
  salt,
});
/** The bridge's public value. */
export const pairingConfirmSchema = z.object({ attempt, share });
/** The speaker's, and that it knows the code. */
export const pairingConfirmedSchema = z.object({ share, confirmation: bytes32 });
/** That the bridge knows the code, and who it is. */
export const pairingFinishSchema = z.object({ attempt, confirmation: bytes32, sealed });
/** Who the speaker is. */
export const pairingFinishedSchema = z.object({ sealed });

/** Sealed by the bridge: what a speaker keeps of it. */
export const pairingBridgeSchema = z.object({
  /** 8 to 64 characters of base64url; one for all speakers of a house. */
  householdId: z.string().check(z.regex(/^[0-9A-Za-z_-]{8,64}$/)),
  publicKey: publicKeySchema,
  /** SHA-256 of the SubjectPublicKeyInfo of the bridge's certificate. */
  tlsPin: bytes32,
  /** `wss://host:port`, the likeliest first. */
  addresses: z
    .array(z.string().check(z.maxLength(ADDRESS_LENGTH_MAX), z.regex(/^wss:\/\/[^\s/]+$/)))
    .check(z.minLength(1), z.maxLength(PAIRING_ADDRESSES_MAX)),
});
/** Sealed by the speaker: what a bridge keeps of it. */
export const pairingSpeakerSchema = z.object({ publicKey: publicKeySchema, name: nameSchema });

/** What a speaker says of itself to be paired by a link, where no code is: `linkProof`, signed with its key. */
export const pairingLinkSchema = z.extend(pairingSpeakerSchema, { signature: signatureSchema });
/** What `tonearm speaker pair` was let in with, for the speaker beside it to sign. */
export const pairingTokenSchema = z.object({
  token: z.string().check(z.maxLength(SEALED_LENGTH_MAX), z.regex(/^[\x21-\x7e]+$/)),
});
/** What a bridge says of itself there, over TLS: the house, and its own id. */
export const pairingHouseSchema = z.extend(pairingBridgeSchema, { bridgeId: bridgeIdSchema });

export type PairingBegin = Infer<typeof pairingBeginSchema>;
export type PairingBegun = Infer<typeof pairingBegunSchema>;
export type PairingConfirm = Infer<typeof pairingConfirmSchema>;
export type PairingConfirmed = Infer<typeof pairingConfirmedSchema>;
export type PairingFinish = Infer<typeof pairingFinishSchema>;
export type PairingFinished = Infer<typeof pairingFinishedSchema>;
export type PairingBridge = Infer<typeof pairingBridgeSchema>;
export type PairingSpeaker = Infer<typeof pairingSpeakerSchema>;
export type PairingLink = Infer<typeof pairingLinkSchema>;
export type PairingHouse = Infer<typeof pairingHouseSchema>;

/** @param token what the speaker was let in with; @param speakerId of its own key @returns what it signs, all ASCII */
export function linkProof(token: string, speakerId: string): Uint8Array {
  return Uint8Array.from(['tonearm.link.v1', token, speakerId].join('\0'), (character) => character.charCodeAt(0));
}

/** @returns the digits of what a person typed, or null when it is no code */
export function parsePairingCode(typed: string): string | null {
  const digits = typed.replace(/[\s.-]/g, '');
  return digits.length === PAIRING_CODE_DIGITS && /^\d+$/.test(digits) ? digits : null;
}

/** In groups of three, as it is read, written and spoken. */
export function groupPairingCode(code: string): string {
  return code.replace(/\d{3}(?=\d)/g, '$& ');
}
