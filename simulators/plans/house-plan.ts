/**
 * What happens in one simulated household, as data: who lives there, and step by step what people press and what breaks. A
 * plan is drawn from a seed, played, and when it fails made smaller; as a JSON file it can be played again and read.
 */
import * as z from 'zod/mini';
import { TonearmError } from '#protocol/vocabulary/errors';

export const PLAN_FORMAT = 'tonearm.plan.1';
const SPEAKERS_MAX = 9;
const EDGES_MAX = 8;
const PHONES_MAX = 9;
const TRACKS_MAX = 100;
/** Steps of one plan: a year of a house where a button is pressed every quarter of an hour. */
const STEPS_MAX = 500_000;
const NAME_LENGTH_MAX = 40;

const name = z.string().check(z.minLength(1), z.maxLength(NAME_LENGTH_MAX));
/** Milliseconds since everybody was up. */
const instant = z.number().check(z.nonnegative());
const place = z.int().check(z.nonnegative());
/** A speaker by its name; null: the one that is active. */
const whom = z.nullable(name);

/** What somebody wants, in names and places, never in what an earlier press has led to: any other step may be left out. */
export const wishSchema = z.discriminatedUnion('kind', [
  /** Tracks by their places in the library, from the `index`th of them on. */
  z.object({ kind: z.literal('play'), whom, tracks: z.array(place), index: place, positionMs: instant }),
  z.object({ kind: z.enum(['resume', 'pause', 'next', 'previous', 'queueClear']), whom }),
  z.object({ kind: z.literal('seek'), whom, positionMs: instant }),
  z.object({ kind: z.literal('setVolume'), whom, volume: z.int().check(z.gte(0), z.lte(100)) }),
  z.object({ kind: z.literal('setShuffle'), whom, isOn: z.boolean() }),
  z.object({ kind: z.literal('setRepeat'), whom, mode: z.enum(['off', 'context', 'track']) }),
  z.object({ kind: z.literal('enqueue'), whom, track: place }),
  z.object({ kind: z.literal('queueAdd'), whom, tracks: z.array(place), isNext: z.boolean() }),
  /** Of what the phone shows as next, counted round; where it shows nothing, nothing is asked. */
  z.object({ kind: z.literal('queueRemove'), whom, nth: place }),
  z.object({ kind: z.literal('queueMove'), whom, nth: place, afterNth: z.nullable(place) }),
  /** `isPlaying` absent: as it is. */
  z.object({ kind: z.literal('transfer'), to: name, isPlaying: z.optional(z.boolean()) }),
]);

const pressSchema = z.object({ kind: z.literal('press'), name, atMs: instant, phone: name, wish: wishSchema });
const faultSchema = z.object({
  kind: z.literal('fault'),
  name,
  atMs: instant,
  untilMs: instant,
  /** Strikes not at `atMs` but when a speaker is next told a command, or has answered one; if none is by `untilMs`, never. */
  upon: z.optional(z.enum(['told', 'answered'])),
  /** One of `simulators/world/faults`. */
  fault: name,
  target: name,
});

const houseSchema = z.object({
  speakers: z
    .array(z.object({ name, offsetUs: z.int(), ppm: z.number() }))
    .check(z.minLength(1), z.maxLength(SPEAKERS_MAX)),
  phones: z.array(z.object({ name, account: place })).check(z.maxLength(PHONES_MAX)),
  /** Lengths of the library's tracks. */
  trackSeconds: z.array(z.number().check(z.positive())).check(z.minLength(1), z.maxLength(TRACKS_MAX)),
  sound: z.enum(['modelled', 'real']),
  isDiscovered: z.boolean(),
  /** Speakers know their bridge by a name; absent: by its address. */
  isNamed: z.optional(z.boolean()),
  /** Where music comes from, with real sound; absent: from the bridge. Speakers stand in the first region. */
  edges: z.optional(z.array(z.object({ name, region: place })).check(z.minLength(1), z.maxLength(EDGES_MAX))),
  /** Of the speakers, in their order, with real sound; absent: plain ones. */
  loudspeakers: z.optional(z.array(z.object({ latencyMs: instant, driftPpm: z.number() }))),
  access: z.nullable(z.enum(['open', 'required'])),
  latencyMs: instant,
  jitterMs: instant,
  /** Of the way of phones' requests; null: a good one. */
  trouble: z.nullable(
    z.object({ delayMaxMs: instant, repeatChance: z.number(), lossChance: z.number(), triesMax: place }),
  ),
});

export const planSchema = z.object({
  format: z.literal(PLAN_FORMAT),
  seed: z.int().check(z.nonnegative()),
  lastsMs: instant,
  house: houseSchema,
  /** In any order. */
  steps: z.array(z.discriminatedUnion('kind', [pressSchema, faultSchema])).check(z.maxLength(STEPS_MAX)),
});

export type HousePlan = z.infer<typeof planSchema>;
export type PlannedHouse = z.infer<typeof houseSchema>;
export type PlannedPress = z.infer<typeof pressSchema>;
export type PlannedFault = z.infer<typeof faultSchema>;
export type PlannedStep = PlannedPress | PlannedFault;
export type Wish = z.infer<typeof wishSchema>;

/** @param file for the message @throws TonearmError `input.invalid` with the place in the file that is wrong */
export function parsePlan(text: string, file: string): HousePlan {
  const read = z.safeParse(planSchema, jsonOf(text, file));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new TonearmError('input.invalid', `${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'no plan'}`);
}

function jsonOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TonearmError('input.invalid', `${file}: is not JSON`, { cause });
  }
}
