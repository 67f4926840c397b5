/** A plan and what came of it, in people's words: who was there, what they wanted, what broke, and what was wrong in the end. */
import type { HousePlan, PlannedHouse, PlannedStep, Wish } from './house-plan.ts';
import type { Failure } from './shrink-plan.ts';

const MS_PER_MINUTE = 60_000;
const MS_PER_SECOND = 1_000;
/** When a fault strikes that does not at once. */
const UPON = { now: '', told: ' when a speaker is next told something', answered: ' when a speaker has next answered' };
const MINUTE_WIDTH = 4;
const SECOND_WIDTH = 7;

/** @param timeline what was seen, the end of it @param failure null: nothing was wrong */
export function tellStory(plan: HousePlan, failure: Failure, timeline: string): string {
  const lines = [
    describeHouse(plan.house, plan.seed),
    '',
    ...inOrder(plan).map((line) => `${clockOf(line.atMs)}  ${textOf(line)}`),
    ...(failure === null ? ['', 'Every promise was kept.'] : [`${clockOf(failure.atMs)}  WRONG: ${failure.message}`]),
    '',
    'What was seen, in seconds since the house was switched on:',
    '',
    timeline,
  ];
  return lines.join('\n');
}

/** What somebody does or suffers, as a report has it. */
export interface StoryLine {
  readonly atMs: number;
  /** Of the step in its plan. */
  readonly name: string;
  readonly who: string;
  readonly what: string;
  readonly kind: 'command' | 'fault' | 'mended';
}

/** @returns one for a press; of a fault its beginning and its end */
export function linesOf(step: PlannedStep): readonly StoryLine[] {
  if (step.kind === 'press') {
    return [{ atMs: step.atMs, name: step.name, who: step.phone, what: describeWish(step.wish), kind: 'command' }];
  }
  const of = { name: step.name, who: step.target, what: step.fault.replaceAll('-', ' ') };
  return [
    { ...of, atMs: step.atMs, kind: 'fault', what: `${of.what}${UPON[step.upon ?? 'now']}` },
    { ...of, atMs: step.untilMs, kind: 'mended' },
  ];
}

function textOf({ name, who, what, kind }: StoryLine): string {
  if (kind === 'command') return `${who} ${what} (${name})`;
  return `${who}: ${kind === 'fault' ? what : 'mended'} (${name})`;
}

function inOrder({ steps }: HousePlan): readonly StoryLine[] {
  return steps.flatMap(linesOf).sort((one, other) => one.atMs - other.atMs);
}

function describeHouse(house: PlannedHouse, seed: number): string {
  const people = new Set(house.phones.map(({ account }) => account)).size;
  const phones = house.phones.map(({ name, account }) => `${name} of person ${account + 1}`).join(', ');
  const speakers = house.speakers
    .map(({ name, offsetUs, ppm }) => (offsetUs === 0 && ppm === 0 ? name : `${name} (clock ${ppm} ppm off)`))
    .join(', ');
  return [
    `Seed ${seed}: ${people} ${people === 1 ? 'person' : 'people'} with ${phones || 'no phone'}; ${speakers};`,
    `${house.trackSeconds.length} tracks of ${Math.min(...house.trackSeconds)} to ${Math.max(...house.trackSeconds)} s, ${house.sound} sound;`,
    `a network of ${house.latencyMs} ms and up to ${house.jitterMs} ms more${house.trouble === null ? '' : ', phones with bad reception'}` +
      `${house.isDiscovered ? ', found by mDNS' : ''}${house.access === null ? '' : `, access ${house.access}`}.`,
  ].join('\n');
}

function describeWish(wish: Wish): string {
  if (wish.kind === 'transfer') {
    const how = wish.isPlaying === undefined ? '' : wish.isPlaying ? ', playing' : ', silent';
    return `moves the music to ${wish.to}${how}`;
  }
  const where = wish.whom === null ? '' : ` on ${wish.whom}`;
  return `${wantedOf(wish)}${where}`;
}

function wantedOf(wish: Exclude<Wish, { kind: 'transfer' }>): string {
  switch (wish.kind) {
    case 'play':
      return `plays ${wish.tracks.length} tracks from the ${wish.index + 1}th, ${Math.round(wish.positionMs / MS_PER_SECOND)} s in,`;
    case 'seek':
      return `goes to ${(wish.positionMs / MS_PER_SECOND).toFixed(1)} s`;
    case 'setVolume':
      return `turns to ${wish.volume} %`;
    case 'setShuffle':
      return wish.isOn ? 'shuffles' : 'stops shuffling';
    case 'setRepeat':
      return `repeats: ${wish.mode}`;
    case 'enqueue':
      return `adds track ${wish.track + 1} to what comes next`;
    case 'queueAdd':
      return `adds ${wish.tracks.length} tracks ${wish.isNext ? 'to be next' : 'to the end'}`;
    case 'queueRemove':
      return `takes out the ${wish.nth + 1}th of what is shown next`;
    case 'queueMove':
      return wish.afterNth === null
        ? `moves the ${wish.nth + 1}th of what is shown next to the front`
        : `moves the ${wish.nth + 1}th of what is shown next behind the ${wish.afterNth + 1}th`;
    default:
      return {
        resume: 'presses play',
        pause: 'pauses',
        next: 'skips',
        previous: 'goes back',
        queueClear: 'clears what comes next',
      }[wish.kind];
  }
}

function clockOf(atMs: number): string {
  const minutes = Math.floor(atMs / MS_PER_MINUTE);
  const seconds = ((atMs - minutes * MS_PER_MINUTE) / MS_PER_SECOND).toFixed(3);
  return `${String(minutes).padStart(MINUTE_WIDTH)}:${seconds.padStart(SECOND_WIDTH - 1, '0')}`;
}
