/**
 * The few schema pieces every message family shares, and the one way in: `parseValue`, which turns a schema's complaint
 * into our typed error naming the field. `zod/mini` because it adds 12 kB to a speaker where the full one adds 450.
 */
import * as z from 'zod/mini';
import { ERROR_MESSAGE_LENGTH_MAX, TonearmError } from '#protocol/vocabulary/errors';
import type {
  AccountId,
  AlbumId,
  ArtistId,
  BridgeId,
  CommandId,
  FileId,
  ListId,
  PlaylistId,
  ResumeToken,
  SessionId,
  SpeakerId,
  TrackId,
} from '#protocol/vocabulary/ids';
import { ID_PATTERNS } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { Bytes, Db, Frames, Kbps, Ms, Percent, Us } from '#protocol/vocabulary/units';

/** A schema whose parsed value is `Value`. */
export type Schema<Value> = z.ZodMiniType<Value>;

/** The value a schema yields. */
export type Infer<S extends z.ZodMiniType> = z.output<S>;

/** Gives a checked string or number the branded type it has proven; the only cast in the contract. */
function branded<Value>(schema: z.ZodMiniType): z.ZodMiniType<Value, Value> {
  return schema as unknown as z.ZodMiniType<Value, Value>;
}

const token = z.string().check(z.regex(ID_PATTERNS.token));
const base62 = z.string().check(z.regex(ID_PATTERNS.base62));
const wholeNumber = z.int().check(z.nonnegative());

/** Ids, as the factories in `vocabulary/ids` accept them. */
export const accountIdSchema = branded<AccountId>(token);
export const speakerIdSchema = branded<SpeakerId>(token);
export const bridgeIdSchema = branded<BridgeId>(token);
export const commandIdSchema = branded<CommandId>(token);
export const sessionIdSchema = branded<SessionId>(token);
export const resumeTokenSchema = branded<ResumeToken>(token);
export const trackIdSchema = branded<TrackId>(base62);
export const albumIdSchema = branded<AlbumId>(base62);
export const artistIdSchema = branded<ArtistId>(base62);
export const playlistIdSchema = branded<PlaylistId>(base62);
export const listIdSchema = branded<ListId>(base62);
export const fileIdSchema = branded<FileId>(z.string().check(z.regex(ID_PATTERNS.sha256)));

/** Units, as the factories in `vocabulary/units` accept them. */
export const framesSchema = branded<Frames>(wholeNumber);
export const bytesSchema = branded<Bytes>(wholeNumber);
export const msSchema = branded<Ms>(z.number().check(z.nonnegative()));
export const usSchema = branded<Us>(z.int());
export const dbSchema = branded<Db>(z.number());
export const kbpsSchema = branded<Kbps>(z.number().check(z.positive()));
export const percentSchema = branded<Percent>(z.int().check(z.gte(0), z.lte(100)));
/** Epochs and revisions: whole, from 0, growing. */
export const counterSchema = wholeNumber;
/** Raw Ed25519 keys and signatures, 32 and 64 bytes in base64url. */
export const publicKeySchema = z.string().check(z.regex(/^[0-9A-Za-z_-]{42}[AEIMQUYcgkosw048]$/));
export const signatureSchema = z.string().check(z.regex(/^[0-9A-Za-z_-]{85}[AQgw]$/));
/** 43 characters of chance: 258 bits. */
export const secretSchema = z.string().check(z.regex(/^[0-9A-Za-z_-]{43}$/));
/** A name for people: 1 to 64 characters, no control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
export const nameSchema = z.string().check(z.minLength(1), z.maxLength(64), z.regex(/^[^\u0000-\u001f\u007f]*$/));
/** Free text for people, e.g. an error's message. */
export const textSchema = z.string().check(z.maxLength(ERROR_MESSAGE_LENGTH_MAX));

/**
 * Checks an untrusted value at a door.
 * @param subject what is being parsed, for the message: "hello", "the body of play"
 * @returns the value, or `input.invalid` with the path of the first field at fault
 */
export function parseValue<Value>(
  schema: z.ZodMiniType<Value>,
  value: unknown,
  subject: string,
): Result<Value, TonearmError> {
  const outcome = schema.safeParse(value);
  if (outcome.success) return ok(outcome.data);
  const issue = deepestIssue(outcome.error.issues);
  const field = issue.path.join('.');
  const where = field === '' ? subject : `${subject}: field "${field}"`;
  return refused(new TonearmError('input.invalid', `${where}: ${describe(issue)}`, field === '' ? {} : { field }));
}

type Issue = z.core.$ZodIssue;

/** A failed plain union reports its branches; the branch that got furthest is the one the sender meant. */
function deepestIssue(issues: readonly Issue[]): Issue {
  const first = issues[0];
  if (first === undefined) throw new Error('a failed parse has an issue');
  if (first.code !== 'invalid_union') return first;
  const candidates = first.errors.flatMap((branch) => (branch.length > 0 ? [deepestIssue(branch)] : []));
  const deepest = candidates.reduce<Issue | undefined>(
    (best, it) => (best === undefined || it.path.length > best.path.length ? it : best),
    undefined,
  );
  return deepest === undefined ? first : { ...deepest, path: [...first.path, ...deepest.path] };
}

function describe(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${issue.expected}`;
    case 'too_big':
      return `more than the allowed ${issue.maximum}`;
    case 'too_small':
      return `less than the allowed ${issue.minimum}`;
    case 'invalid_value':
      return `expected one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return 'of an unknown kind';
    case 'invalid_format':
      return `not of the form ${issue.pattern ?? issue.format}`;
    default:
      return issue.message;
  }
}
