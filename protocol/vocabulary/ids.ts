/**
 * Names of things, each its own type so that a track's id cannot be handed to what wants a file's.
 * The shapes are checked at the doors by the schemas in `wire/`; inside, an id is trusted.
 */

declare const kind: unique symbol;
type Id<Name extends string> = string & { readonly [kind]: Name };

/** 16 to 64 characters of base64url; derived from the speaker's own key or made on first start; survives upgrades. */
export type SpeakerId = Id<'SpeakerId'>;
export type BridgeId = Id<'BridgeId'>;
/** 22 characters of base62: 128 bits of a hash. What Web-API clients expect an id to look like. */
export type TrackId = Id<'TrackId'>;
export type AlbumId = Id<'AlbumId'>;
export type ArtistId = Id<'ArtistId'>;
export type PlaylistId = Id<'PlaylistId'>;
/** SHA-256 of the plaintext Ogg Opus stream, 64 hexadecimal digits. */
export type FileId = Id<'FileId'>;
/** Made by whoever asks; the same id again is the same command. */
export type CommandId = Id<'CommandId'>;
export type SessionId = Id<'SessionId'>;
/** A person of the household, or a guest; each has a session of its own. */
export type AccountId = Id<'AccountId'>;
export type ResumeToken = Id<'ResumeToken'>;
/** 22 characters of base62 of the hash of a list's track ids: the same tracks in the same order have the same id. */
export type ListId = Id<'ListId'>;

const BASE62 = /^[0-9A-Za-z]{22}$/;
const TOKEN = /^[0-9A-Za-z_-]{8,64}$/;
const SHA256_HEX = /^[0-9a-f]{64}$/;

/** How ids look on a wire: for schemas, which must accept exactly what the factories below accept. */
export const ID_PATTERNS = { base62: BASE62, token: TOKEN, sha256: SHA256_HEX } as const;

const ALPHABET62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE62_LENGTH = 22;

/**
 * The first 16 bytes of a digest as 22 base62 characters, most significant first, padded with `0`.
 * @throws RangeError when fewer than 16 bytes are given
 */
export function base62Of(digest: Uint8Array): string {
  if (digest.length < 16) throw new RangeError(`an id needs 16 bytes, got ${digest.length}`);
  let value = 0n;
  for (const byte of digest.subarray(0, 16)) value = (value << 8n) | BigInt(byte);
  let text = '';
  for (let place = 0; place < BASE62_LENGTH; place += 1) {
    text = ALPHABET62.charAt(Number(value % 62n)) + text;
    value /= 62n;
  }
  return text;
}

function make<T extends string>(name: string, pattern: RegExp) {
  return (text: string): T => {
    if (!pattern.test(text)) throw new RangeError(`not a ${name}: ${JSON.stringify(text.slice(0, 80))}`);
    return text as T;
  };
}

/** Ids from text. @throws RangeError when the text has another form; what comes from outside is parsed by schema instead. */
export const speakerId = make<SpeakerId>('speaker id', TOKEN);
export const bridgeId = make<BridgeId>('bridge id', TOKEN);
export const trackId = make<TrackId>('track id', BASE62);
export const albumId = make<AlbumId>('album id', BASE62);
export const artistId = make<ArtistId>('artist id', BASE62);
export const playlistId = make<PlaylistId>('playlist id', BASE62);
export const fileId = make<FileId>('file id', SHA256_HEX);
export const commandId = make<CommandId>('command id', TOKEN);
export const sessionId = make<SessionId>('session id', TOKEN);
export const accountId = make<AccountId>('account id', TOKEN);
export const listId = make<ListId>('list id', BASE62);
export const resumeToken = make<ResumeToken>('resume token', TOKEN);
