/**
 * Plans a day of a family: who gets up when, goes from room to room with the music, skips, turns it down, puts it off, and
 * lies awake. Pure and seeded: the same seed is the same day. What is planned can be done: nobody skips what nobody plays.
 */
import type { SeededRandom } from '#sim/world/seeded-random';
import { DAY_MINUTES, type DayAct, type DayEvent } from './day-plan.ts';

export interface Family {
  /** At least one. */
  readonly rooms: readonly string[];
  readonly people: readonly string[];
}

/** A stretch of the day in which somebody has music on; minutes of the day, which begins at six. */
interface Habit {
  readonly name: 'morning' | 'midday' | 'afternoon' | 'evening' | 'night';
  readonly begins: readonly [number, number];
  readonly lasts: readonly [number, number];
  /** Of each person on each day. */
  readonly chance: number;
  /** How loud, in per cent. */
  readonly volume: readonly [number, number];
  /** Between two things that one does. */
  readonly gap: readonly [number, number];
}

/** The evenings of all overlap by at least half an hour, so that there are two at once whenever there are two. */
const HABITS: readonly Habit[] = [
  { name: 'morning', begins: [20, 80], lasts: [30, 70], chance: 1, volume: [15, 35], gap: [4, 14] },
  { name: 'midday', begins: [240, 330], lasts: [40, 140], chance: 0.5, volume: [25, 50], gap: [6, 30] },
  { name: 'afternoon', begins: [520, 600], lasts: [40, 110], chance: 0.6, volume: [30, 60], gap: [5, 20] },
  { name: 'evening', begins: [730, 800], lasts: [130, 220], chance: 1, volume: [25, 55], gap: [5, 18] },
  { name: 'night', begins: [1_180, 1_290], lasts: [20, 45], chance: 0.25, volume: [5, 12], gap: [8, 20] },
];

/** What people do while music plays, and how often of a hundred times. */
const HABITUAL_ACTS: readonly (readonly [DayAct['kind'], number])[] = [
  ['skip', 36],
  ['handOver', 20],
  ['volume', 17],
  ['queue', 10],
  ['seek', 7],
  ['back', 5],
  ['pause', 5],
];
/** A pause in the middle: somebody rang, or the kettle did. */
const PAUSE_MINUTES = [3, 9] as const;
/** Where in a track one seeks to. */
const SEEK_SECONDS = [5, 60] as const;
/** Of those who find every room taken: that they take one over. Else they go without. */
const TAKE_OVER_CHANCE = 0.5;

/** What somebody wants at a time; whether it can be is seen when all of the day are put in order. */
interface Wish {
  readonly minute: number;
  readonly who: string;
  readonly kind: DayAct['kind'];
  readonly volume: number;
  /** The music is over for now, and the room is free for others. */
  readonly isLast: boolean;
}

export function planDay(random: SeededRandom, family: Family): readonly DayEvent[] {
  const wishes = family.people.flatMap((who) =>
    HABITS.flatMap((habit) => wishesOf(who, habit, random.fork(`${who} ${habit.name}`))),
  );
  wishes.sort((left, right) => left.minute - right.minute);
  const house = new House(family.rooms, random.fork('rooms'));
  return wishes.flatMap((wish) => house.grant(wish).map((act) => ({ minute: wish.minute, who: wish.who, act })));
}

function wishesOf(who: string, habit: Habit, random: SeededRandom): readonly Wish[] {
  if (!random.chance(habit.chance)) return [];
  const within = ([low, high]: readonly [number, number]): number => low + random.fraction() * (high - low);
  const begins = within(habit.begins);
  const ends = Math.min(begins + within(habit.lasts), DAY_MINUTES - 1);
  const wishes: Wish[] = [];
  const wish = (minute: number, kind: DayAct['kind'], isLast = false): void => {
    wishes.push({ minute, who, kind, volume: Math.round(within(habit.volume)), isLast });
  };
  wish(begins, 'play');
  let minute = begins + within(habit.gap);
  while (minute < ends) {
    const kind = weighted(HABITUAL_ACTS, random);
    wish(minute, kind);
    if (kind === 'pause') {
      minute += within(PAUSE_MINUTES);
      wish(Math.min(minute, ends), 'resume');
    }
    minute += within(habit.gap);
  }
  wish(ends, 'pause', true);
  return wishes;
}

function weighted<Kind>(choices: readonly (readonly [Kind, number])[], random: SeededRandom): Kind {
  const total = choices.reduce((sum, [, weight]) => sum + weight, 0);
  let left = random.fraction() * total;
  for (const [kind, weight] of choices) {
    left -= weight;
    if (left < 0) return kind;
  }
  return random.pick(choices)[0];
}

/** Who has music in which room, as the day goes on. */
class House {
  readonly #rooms: readonly string[];
  readonly #random: SeededRandom;
  readonly #roomOf = new Map<string, { room: string; isPlaying: boolean }>();

  constructor(rooms: readonly string[], random: SeededRandom) {
    this.#rooms = rooms;
    this.#random = random;
  }

  /** @returns what comes of it: nothing where it cannot be */
  grant({ who, kind, volume, isLast }: Wish): readonly DayAct[] {
    const own = this.#roomOf.get(who);
    if (isLast) this.#roomOf.delete(who);
    if (kind === 'play') return this.#play(who, volume);
    if (own === undefined || own.isPlaying !== (kind !== 'resume')) return [];
    switch (kind) {
      case 'handOver':
        return this.#handOver(who, own.room);
      case 'volume':
        return [{ kind, room: own.room, percent: volume }];
      case 'seek':
        return [{ kind, seconds: this.#random.between(...SEEK_SECONDS) }];
      case 'queue':
        return [{ kind, choice: this.#random.fraction() }];
      case 'pause':
      case 'resume':
        own.isPlaying = kind === 'resume';
        return [{ kind }];
      case 'skip':
      case 'back':
        return [{ kind }];
    }
  }

  #play(who: string, percent: number): readonly DayAct[] {
    const free = this.#free(who);
    if (free.length === 0 && !this.#random.chance(TAKE_OVER_CHANCE)) return [];
    const room = this.#random.pick(free.length > 0 ? free : this.#rooms);
    this.#enter(who, room);
    return [
      { kind: 'volume', room, percent },
      { kind: 'play', room, choice: this.#random.fraction() },
    ];
  }

  #handOver(who: string, from: string): readonly DayAct[] {
    const free = this.#free(who).filter((room) => room !== from);
    if (free.length === 0) return [];
    const room = this.#random.pick(free);
    this.#enter(who, room);
    return [{ kind: 'handOver', room }];
  }

  /** Who had it there has it no more: a speaker plays for one. */
  #enter(who: string, room: string): void {
    for (const [other, { room: taken }] of this.#roomOf) if (taken === room) this.#roomOf.delete(other);
    this.#roomOf.set(who, { room, isPlaying: true });
  }

  /** Rooms in which nobody else has music, paused or not. */
  #free(who: string): readonly string[] {
    const taken = new Set([...this.#roomOf].filter(([other]) => other !== who).map(([, { room }]) => room));
    return this.#rooms.filter((room) => !taken.has(room));
  }
}
