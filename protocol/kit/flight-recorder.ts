/**
 * What came in lately, held in memory until somebody asks for it: a ring of chapters, of which the oldest goes when there is
 * too much or it is too old. Each chapter begins with how things stood, so that the record can begin there.
 *
 * What is held is what the process holds anyway, as it came; names are taken out when it is written (`flight-privacy`), so
 * that a note costs no more than a push.
 */
import type { Clock } from '#protocol/ports/clock';
import type { FlightPort } from '#protocol/wire/flight-record';

/** Taken as a whole when the ring is full, so a recording is never shorter than what the others hold. */
export const FLIGHT_CHAPTERS = 8;
/** For an event that is no text: what an object of a dozen numbers takes. */
const EVENT_WEIGHT = 200;

/** What a ring holds. */
export interface FlightLimits {
  /** Of the monotonic clock; µs. */
  readonly windowUs: number;
  /** Characters of messages, with `EVENT_WEIGHT` for everything that is none; about bytes. */
  readonly weight: number;
}

/** A quarter of an hour: who hears a glitch asks for the recording within it. A speaker that plays notes 1 kB a second. */
export const FLIGHT_LIMITS: FlightLimits = { windowUs: 15 * 60 * 1_000_000, weight: 4 * 1024 * 1024 };

/** As the schema of the record says it, but that a message may still be its `text`. */
export interface FlightEvent {
  readonly kind: string;
  readonly [field: string]: unknown;
}

/** One thing that happened. */
export interface Noted {
  /** On the recording process's clock. */
  readonly atUs: number;
  readonly port: FlightPort;
  readonly event: FlightEvent;
}

/** What a fresh process would have to be told to stand where this one stands, of one port. */
export type Standing = () => readonly Omit<Noted, 'atUs'>[];

export interface HeldFlight {
  /** When its first chapter began. */
  readonly startUs: number;
  /** The calendar then. */
  readonly wallMs: number;
  /** Whether that is when the recorder was made. */
  readonly isWhole: boolean;
  /** With how things stood first, where it is not whole. */
  readonly notes: readonly Noted[];
}

interface Chapter {
  readonly startUs: number;
  readonly wallMs: number;
  readonly standing: readonly Noted[];
  readonly notes: Noted[];
  weight: number;
}

export class FlightRecorder {
  readonly #clock: Pick<Clock, 'nowUs' | 'wallMs'>;
  readonly #limits: FlightLimits;
  readonly #sources: Standing[] = [];
  #chapters: Chapter[] = [];
  #isWhole = true;
  #lastId = 0;

  constructor(clock: Pick<Clock, 'nowUs' | 'wallMs'>, limits: FlightLimits = FLIGHT_LIMITS) {
    this.#clock = clock;
    this.#limits = limits;
    this.#chapters.push({ startUs: clock.nowUs(), wallMs: clock.wallMs(), standing: [], notes: [], weight: 0 });
  }

  /** For a link, an attempt or a request: 1, 2, … in the order in which they came. */
  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** A port says how it stands whenever a chapter begins, in the order in which they were added. */
  add(standing: Standing): void {
    this.#sources.push(standing);
  }

  /** It happened now. */
  note(port: FlightPort, event: FlightEvent): void {
    const atUs = this.#clock.nowUs();
    const chapter = this.#chapterAt(atUs);
    chapter.notes.push({ atUs, port, event });
    chapter.weight += weightOf(event);
  }

  /** Asking leaves all as it is. */
  held(): HeldFlight {
    const [first] = this.#chapters;
    const { startUs, wallMs, standing } = first ?? { startUs: 0, wallMs: 0, standing: [] };
    const notes = [...(this.#isWhole ? [] : standing), ...this.#chapters.flatMap((chapter) => chapter.notes)];
    return { startUs, wallMs, isWhole: this.#isWhole, notes };
  }

  #chapterAt(nowUs: number): Chapter {
    const current = this.#chapters.at(-1);
    const isOver =
      current === undefined ||
      current.weight >= this.#limits.weight / FLIGHT_CHAPTERS ||
      nowUs - current.startUs >= this.#limits.windowUs / FLIGHT_CHAPTERS;
    if (!isOver) return current;
    const standing = this.#sources.flatMap((source) => source().map((it) => ({ ...it, atUs: nowUs })));
    const weight = standing.reduce((sum, { event }) => sum + weightOf(event), 0);
    const next: Chapter = { startUs: nowUs, wallMs: this.#clock.wallMs(), standing, notes: [], weight };
    this.#chapters.push(next);
    this.#forget(nowUs);
    return next;
  }

  /** A chapter goes when the next one is old enough to hold all of the window, or when there are too many. */
  #forget(nowUs: number): void {
    const beganUs = nowUs - this.#limits.windowUs;
    for (let second = this.#chapters[1]; second !== undefined; second = this.#chapters[1]) {
      if (this.#chapters.length <= FLIGHT_CHAPTERS && second.startUs > beganUs) return;
      this.#chapters.shift();
      this.#isWhole = false;
    }
  }
}

function weightOf({ text }: FlightEvent): number {
  return typeof text === 'string' ? text.length + EVENT_WEIGHT : EVENT_WEIGHT;
}
