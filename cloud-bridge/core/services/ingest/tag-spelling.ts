/**
 * What tags mean, however a program has written them: text that was decoded by the wrong table, several names in one
 * field, guests hidden in a title. Pure, so that each spelling is a row of a table in the tests.
 */

/** Longer texts are cut: no phone shows them. */
const TEXT_LENGTH_MAX = 500;
/** Names in one field, and genres. */
const LIST_LENGTH_MAX = 16;
/** `AC/DC` is one artist: parts as short as these belong together, where a slash stands for "and" between longer ones. */
const JOINED_PART_LENGTH_MAX = 3;
/** `X feat. Y`, `X (ft. Y)`, `X [featuring Y & Z]`. */
const GUESTS = /^(.*?)[\s([]+(?:feat|ft|featuring)(?:\.\s*|\s+)(\S[^)\]]*)[)\]]?\s*(.*)$/iu;
const NAME_SEPARATORS = /\s*;\s*|\s+\/\s+|\0|\\\\/u;
const GUEST_SEPARATORS = /\s*[;,]\s*|\s+(?:&|and|x)\s+/iu;
const GENRE_SEPARATORS = /\s*;\s*|\s*\/\s+|\0|\s*,\s*/u;
/** Characters that Windows-1252 puts where Latin-1 has control characters; a text decoded by that table has these. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
const HIGH_START = 0x80;
/** A byte of text that is no ASCII. */
const BEYOND_ASCII = /[\u0080-\uffff]/;

/** A tag's text as a person wrote it: in composed Unicode, without padding; null when nothing is left. */
export function tidyText(text: string | null | undefined): string | null {
  const clean = repairUtf8(text ?? '')
    .normalize('NFC')
    // NUL above all: padding, or mischief.
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, TEXT_LENGTH_MAX)
    .trim();
  return clean === '' ? null : clean.toWellFormed();
}

/**
 * "Ã‰tudes" → "Études": UTF-8 that was read as Latin-1 or Windows-1252, as RIFF INFO is read by nearly everybody. Text
 * that is really Latin-1 is not valid UTF-8 (but for oddities such as "Ã©"), so it stays as it is.
 */
export function repairUtf8(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text;
  let escaped = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const high = WINDOWS_1252.indexOf(character);
    const byte = code < 0x100 ? code : high >= 0 ? HIGH_START + high : null;
    if (byte === null) return text;
    escaped += `%${byte.toString(16).padStart(2, '0')}`;
  }
  try {
    return decodeURIComponent(escaped);
  } catch {
    return text;
  }
}

/**
 * The artists that fields name, guests last, each once.
 * @param values as the tag gives them: one per value, or several joined by `;`, ` / ` or NUL
 * @param wereCut the reader has cut them at every slash, as it does with ID3v2.3
 */
export function artistNames(values: readonly string[], wereCut = false): readonly string[] {
  const names = (wereCut ? rejoined(values) : values).flatMap((value) => tidyText(value) ?? []);
  const guests: string[] = [];
  const main = names.flatMap((name) =>
    name.split(NAME_SEPARATORS).map((part) => {
      const found = GUESTS.exec(part);
      if (found === null || (found[1] ?? '').trim() === '') return part;
      guests.push(...(found[2] ?? '').split(GUEST_SEPARATORS));
      return found[1] ?? '';
    }),
  );
  return distinct([...main, ...guests]);
}

/** Guests that only the title names: "Song (feat. Y)". The title itself stays as it is. */
export function guestsInTitle(title: string | null): readonly string[] {
  const found = title === null ? null : GUESTS.exec(title);
  return found === null || (found[1] ?? '').trim() === '' ? [] : distinct((found[2] ?? '').split(GUEST_SEPARATORS));
}

export function genreNames(values: readonly string[]): readonly string[] {
  return distinct(values.flatMap((value) => (tidyText(value) ?? '').split(GENRE_SEPARATORS)));
}

/** "3", "03", "3/12", "3 of 12" → 3; null for what is no number from 1 to 99,999. */
export function placeNumber(value: string | number | null | undefined): number | null {
  const digits = /^\s*0*(\d{1,5})(?!\d)/.exec(String(value ?? ''))?.[1];
  const number = Number(digits ?? 0);
  return number > 0 ? number : null;
}

function rejoined(values: readonly string[]): readonly string[] {
  const areShort = values.length > 1 && values.every((value) => value.length <= JOINED_PART_LENGTH_MAX);
  return areShort ? [values.join('/')] : values;
}

/** Each once, whatever its case; the first spelling is kept. */
function distinct(names: readonly string[]): readonly string[] {
  const seen = new Map<string, string>();
  for (const name of names) {
    const clean = name.trim();
    const key = clean.normalize('NFKC').toLowerCase();
    if (clean !== '' && !seen.has(key)) seen.set(key, clean);
  }
  return [...seen.values()].slice(0, LIST_LENGTH_MAX);
}
