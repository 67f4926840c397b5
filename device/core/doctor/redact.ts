/**
 * Takes secrets out of what is to be sent to somebody else: by the names of fields, by the values that this speaker is
 * known to keep, and by the shape of what has no business in a bundle. What is in doubt goes.
 */

export const REMOVED = '[removed]';

/** Fields that hold what opens something. */
const SECRET_NAMES =
  /key|token|secret|password|passphrase|psk|pin|credential|authorization|cookie|salt|proof|signature/i;
/** Shorter values are words that stand anywhere, and no secret of ours. */
const SECRET_LENGTH_MIN = 6;

/** Whole, with whatever stands between: PEM, names with values, then pairing codes, as they are shown and as they are. */
const SHAPES: readonly RegExp[] = [
  /-----BEGIN [^-]+-----[\s\S]*?(?:-----END [^-]+-----|$)/g,
  /(?<=(?:psk|password|passphrase|key|token|secret|pin|authorization)["']?\s*[:=]\s*["']?)[^\s"',;}&]+/gi,
  /(?<=\bbearer\s+)\S+/gi,
  /\b\d{3}[ -]?\d{3}[ -]?\d{3}\b/g,
];
/** 32 bytes and more, as hex or as base64 of either kind; a long path is neither, for it is of small letters. */
const LONG = /[0-9A-Za-z_+/-]{40,}={0,2}/g;

/** @param secrets this speaker's own, as they stand in its files */
export function redact(value: unknown, secrets: readonly string[]): unknown {
  // Also as they stand in a line of JSON that is itself a text.
  const written = secrets.flatMap((it) => [it, JSON.stringify(it).slice(1, -1)]);
  const known = [...new Set(written.filter((it) => it.length >= SECRET_LENGTH_MIN))].toSorted(
    (a, b) => b.length - a.length,
  );
  return redactAny(value, known, null);
}

function redactAny(value: unknown, known: readonly string[], name: string | null): unknown {
  if (Array.isArray(value)) return value.map((it) => redactAny(it, known, name));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      // A secret may stand as a name, too.
      Object.entries(value).map(([key, it]) => [redactText(key, known), redactAny(it, known, key)]),
    );
  }
  if (value === null || value === undefined || typeof value === 'boolean') return value;
  if (name !== null && SECRET_NAMES.test(name)) return REMOVED;
  return typeof value === 'string' ? redactText(value, known) : redactNumber(value, known);
}

function redactText(text: string, known: readonly string[]): string {
  const withoutKnown = known.reduce((left, secret) => left.replaceAll(secret, REMOVED), text);
  const withoutShapes = SHAPES.reduce((left, shape) => left.replace(shape, REMOVED), withoutKnown);
  return withoutShapes.replace(LONG, (word) => (isLikeKey(word) ? REMOVED : word));
}

function isLikeKey(word: string): boolean {
  return /^[0-9a-f]+$/i.test(word) || (/[a-z]/.test(word) && /[A-Z]/.test(word));
}

/** A pairing code may be one. */
function redactNumber(value: unknown, known: readonly string[]): unknown {
  return known.includes(String(value)) ? REMOVED : value;
}

/** @returns what is secret in the text of a file: fields by their names, or, where it is no JSON, each of its lines */
export function secretsIn(text: string): string[] {
  try {
    return secretLeaves(JSON.parse(text), false);
  } catch {
    return [text.trim(), ...text.split('\n').map((line) => line.trim())];
  }
}

function secretLeaves(value: unknown, isSecret: boolean): string[] {
  if (Array.isArray(value)) return value.flatMap((it) => secretLeaves(it, isSecret));
  if (typeof value !== 'object' || value === null) return isSecret ? [String(value)] : [];
  return Object.entries(value).flatMap(([name, it]) => secretLeaves(it, isSecret || SECRET_NAMES.test(name)));
}
