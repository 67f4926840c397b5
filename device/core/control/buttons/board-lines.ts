/** What is soldered to a board's lines, as a person writes it down for the speaker: every mistake is named. */
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';

export const BUTTON_FUNCTIONS = [
  'play-pause',
  'next',
  'previous',
  'volume-up',
  'volume-down',
  'pair',
  'reset',
] as const;
export type ButtonFunction = (typeof BUTTON_FUNCTIONS)[number];

/** More than any board with a panel has; each costs a line of one process. */
const BUTTONS_MAX = 16;
const LINE_MAX = 1_023;
const CHIP = /^gpiochip\d{1,3}$/;

/** One line of the chip. `isActiveLow`: pressed, or lit, while it is low. */
export interface BoardLine {
  readonly line: number;
  readonly isActiveLow: boolean;
}

export interface BoardLines {
  /** As `gpiodetect` lists it. */
  readonly chip: string;
  readonly buttons: readonly (BoardLine & { readonly function: ButtonFunction })[];
  /** Null: there is none. */
  readonly light: BoardLine | null;
}

/** @returns `config.invalid` that names the file and the field */
export function parseBoardLines(text: string, path: string): Result<BoardLines, TonearmError> {
  try {
    return ok(readBoard(parseJson(text)));
  } catch (thrown) {
    if (!(thrown instanceof Mistake)) throw thrown;
    return refused(new TonearmError('config.invalid', `${path}: ${thrown.message}`, { field: '--buttons' }));
  }
}

/** Found here, said by `parseBoardLines`. */
class Mistake extends Error {}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Mistake(`is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function readBoard(value: unknown): BoardLines {
  const { chip, buttons, light } = fieldsOf(value, '', ['chip', 'buttons', 'light']);
  if (typeof chip !== 'string' || !CHIP.test(chip)) throw new Mistake('chip must look like gpiochip0');
  if (!Array.isArray(buttons) || buttons.length > BUTTONS_MAX) {
    throw new Mistake(`buttons must be a list of at most ${BUTTONS_MAX}`);
  }
  const lines: BoardLines = {
    chip,
    buttons: buttons.map((button, index) => readButton(button, `buttons.${index}`)),
    light: light === undefined ? null : readLine(fieldsOf(light, 'light', ['line', 'activeLow']), 'light', false),
  };
  const used = [...lines.buttons, ...(lines.light === null ? [] : [lines.light])].map(({ line }) => line);
  const twice = used.find((line, index) => used.indexOf(line) !== index);
  if (twice !== undefined) throw new Mistake(`line ${twice} is named twice`);
  return lines;
}

function readButton(value: unknown, at: string): BoardLines['buttons'][number] {
  const fields = fieldsOf(value, at, ['line', 'activeLow', 'function']);
  const does = BUTTON_FUNCTIONS.find((it) => it === fields['function']);
  if (does === undefined) throw new Mistake(`${at}.function must be one of ${BUTTON_FUNCTIONS.join(', ')}`);
  // A button mostly shorts its line to ground.
  return { ...readLine(fields, at, true), function: does };
}

function readLine({ line, activeLow }: Fields, at: string, otherwise: boolean): BoardLine {
  if (typeof line !== 'number' || !Number.isInteger(line) || line < 0 || line > LINE_MAX) {
    throw new Mistake(`${at}.line must be a whole number from 0 to ${LINE_MAX}`);
  }
  if (activeLow !== undefined && typeof activeLow !== 'boolean') {
    throw new Mistake(`${at}.activeLow must be true or false`);
  }
  return { line, isActiveLow: activeLow ?? otherwise };
}

type Fields = Readonly<Record<string, unknown>>;

/** A word that is spelt wrong would else be a button that never does anything. */
function fieldsOf(value: unknown, at: string, words: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Mistake(`${at === '' ? 'it' : at} must be an object`);
  }
  const strange = Object.keys(value).find((word) => !words.includes(word));
  if (strange === undefined) return { ...value };
  throw new Mistake(`${at === '' ? '' : `${at}.`}${strange} is none of ${words.join(', ')}`);
}
