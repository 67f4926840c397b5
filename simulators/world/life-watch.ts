/**
 * A speaker that dies and comes back goes on where it was: of what stood long enough to be written down nothing is lost,
 * neither what people have put in or moved, nor the place, nor the volume, nor that it had let go. Looked at in the speaker
 * itself, at the moment of its death and when it has read its memory, before anybody can have told it anything.
 */
import { isDeepStrictEqual } from 'node:util';
import type { DeviceView } from '#device/core/device';
import { FRAMES_PER_SECOND } from '#protocol/vocabulary/units';
import type { PlayQueue, SessionState } from '#protocol/wire/playback-state';

/** A write is safe from the end of its process when it is done: a few milliseconds. */
const WRITTEN_AFTER_US = 100_000;
/** ... and from a power cut when the system has written it back, too. */
const WRITTEN_BACK_AFTER_US = 5_000_000 + WRITTEN_AFTER_US;
/** The place is written down about once a second, of what the engine says once a second. */
const PLACE_LOST_MAX_FRAMES = 3 * FRAMES_PER_SECOND;
const PLACE_LOST_WITH_POWER_MAX_FRAMES = PLACE_LOST_MAX_FRAMES + 5 * FRAMES_PER_SECOND;

/** What is asked of the speaker's disk: what that refuses is nobody's fault. */
export interface RefusingDisk {
  /** When a write was last refused, on the world's clock, in µs. */
  readonly refusedAtUs: number;
}

/** What of a speaker changes only where something is done; the rest plays on. */
interface Facts {
  readonly epoch: number;
  readonly volume: number;
  /** The same object for as long as nobody changes it. */
  readonly queue: PlayQueue | null;
  readonly shuffleSeed: number | null;
  readonly repeat: string | null;
  readonly trackId: string | null;
  /** Loads and seeks of this life. */
  readonly places: number;
}

/** What a speaker had when it died. */
interface Left {
  readonly view: DeviceView;
  readonly sinceUs: number;
  readonly isUnplugged: boolean;
}

export class LifeWatch {
  readonly #name: string;
  readonly #disk: RefusingDisk;
  readonly #problems: string[] = [];
  #places = 0;
  #facts: Facts | null = null;
  /** From when on they are so. */
  #sinceUs = 0;
  /** Null: it has come back, or what it had cannot be known to have been written down. */
  #left: Left | null = null;
  #isBack = true;

  constructor(name: string, disk: RefusingDisk) {
    this.#name = name;
    this.#disk = disk;
  }

  /** Its engine was given another place. */
  placed(): void {
    this.#places += 1;
  }

  /** Something of it may have changed. */
  changed(view: DeviceView, nowUs: number): void {
    this.#take(factsOf(view, this.#places), nowUs);
  }

  /** It stands still: what it has not written by now it may never write. */
  stoodStill(nowUs: number): void {
    this.#take(null, nowUs);
  }

  died(view: DeviceView, nowUs: number, isUnplugged: boolean): void {
    if (this.#isBack) {
      this.#take(factsOf(view, this.#places), nowUs);
      const isKept = this.#disk.refusedAtUs < this.#sinceUs;
      this.#left = isKept ? { view, sinceUs: this.#sinceUs, isUnplugged } : null;
    } else if (this.#left !== null && isUnplugged) this.#left = { ...this.#left, isUnplugged };
    const safeAfterUs = isUnplugged ? WRITTEN_BACK_AFTER_US : WRITTEN_AFTER_US;
    if (this.#left !== null && nowUs - this.#left.sinceUs < safeAfterUs) this.#left = null;
    this.#isBack = false;
    this.#take(null, nowUs);
  }

  /** What it had written down is gone, and not by its own doing. */
  memoryLost(): void {
    this.#left = null;
  }

  /** It has read what it remembers. */
  cameBack(view: DeviceView): void {
    const left = this.#left;
    this.#left = null;
    this.#isBack = true;
    const lost = left === null ? null : lostOf(left, view);
    if (lost !== null) this.#problems.push(`${this.#name} died and came back, and ${lost}`);
  }

  problems(): readonly string[] {
    return this.#problems;
  }

  #take(facts: Facts | null, nowUs: number): void {
    if (facts === null || this.#facts === null || !isSame(facts, this.#facts)) {
      this.#sinceUs = nowUs;
    }
    this.#facts = facts;
  }
}

function factsOf({ epoch, speaker, session }: DeviceView, places: number): Facts {
  const { queue = null, shuffleSeed = null, repeat = null } = session ?? {};
  return { epoch, volume: speaker.volume, queue, shuffleSeed, repeat, trackId: trackOf(session), places };
}

function isSame(one: Facts, other: Facts): boolean {
  return (
    one.epoch === other.epoch &&
    one.volume === other.volume &&
    one.queue === other.queue &&
    one.shuffleSeed === other.shuffleSeed &&
    one.repeat === other.repeat &&
    one.trackId === other.trackId &&
    one.places === other.places
  );
}

function trackOf(session: SessionState | null): string | null {
  return session === null || session.playback.kind === 'stopped' ? null : session.playback.trackId;
}

/** @returns what is not as it was; null when all is */
function lostOf({ view: before, isUnplugged }: Left, now: DeviceView): string | null {
  if (now.epoch !== before.epoch) return `believes in epoch ${now.epoch}, and not ${before.epoch}`;
  if (now.speaker.volume !== before.speaker.volume) {
    return `has volume ${now.speaker.volume}, and not ${before.speaker.volume}`;
  }
  const [had, has] = [before.session, now.session];
  if (had === null || has === null) {
    if (had === has) return null;
    return had === null ? 'has music that it had let go' : 'its music is lost';
  }
  if (!isDeepStrictEqual(orderOf(had), orderOf(has))) {
    return `what plays in which order was ${JSON.stringify(orderOf(had))}, and is ${JSON.stringify(orderOf(has))}`;
  }
  if (trackOf(had) !== trackOf(has)) return `was at ${trackOf(had)}, and is at ${trackOf(has)}`;
  const [wasAt, isAt] = [positionOf(had), positionOf(has)];
  const lostMax = isUnplugged ? PLACE_LOST_WITH_POWER_MAX_FRAMES : PLACE_LOST_MAX_FRAMES;
  return isAt < wasAt - lostMax ? `was at ${wasAt} frames of its track, and is at ${isAt}` : null;
}

function positionOf({ playback }: SessionState): number {
  return playback.kind === 'stopped' ? 0 : playback.positionFrames;
}

/** Nothing that was put in is as good as none. */
function orderOf({ accountId, queue, shuffleSeed, repeat }: SessionState): object {
  const { contextUri, trackIds, edits = [], index, upNext, upNextUids = [], interlude } = queue;
  return { accountId, contextUri, trackIds, edits, index, upNext, upNextUids, interlude, shuffleSeed, repeat };
}
