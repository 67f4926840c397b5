/**
 * In which quality to go on: a pure policy, each decision with its reason.
 *
 * Up only by what the link has shown to carry with room to spare, and not soon after another change; down when the link
 * does not carry it and the buffer would not stay comfortable. A full buffer is no reason to go up: it drains again, and
 * a quality that comes and goes is worse than a steady one. Music saturates near 96 to 128 kbit/s, so that a stall and a
 * change cost more than bits bring.
 */

/** Share of the throughput that a better quality may take. */
export const UP_SHARE = 0.7;
/** Share that what plays may take, with little and with enough in the buffer. */
export const KEEP_SHARE = { low: 0.9, comfortable: 0.95 } as const;
/** From here on a dip of the link is the buffer's to bridge. */
export const COMFORTABLE_MS = 10_000;
/** What one more request brings, and so how far a decision binds. */
export const REQUEST_MS = 8_000;
/** Of sound between a change and going up: what is heard changes no oftener, however fast it was fetched. */
export const STEADY_MS = 10_000;
/** A better quality is entered with two segments, and they must come this long before they are heard. */
export const ENTER_MARGIN_MS = 400;
/**
 * A start in more than the modest quality must not be later than this for it: nobody hears the difference of one second
 * of it, nor of this many milliseconds; and a rise follows at the next boundary.
 */
export const START_WITHIN_MS = 30;
/** Up to here a quality is modest: 96 kbit/s and its wrapping are nearly as good as any. A start in less must be much sooner for it. */
export const MODEST_KBPS = 120;
/** Below this music is heard to be coded. */
export const POOR_KBPS = 64;
export const MODEST_WITHIN_MS = 250;

export interface QualityView {
  /** What a second of sound takes in each quality, in kbit/s; ascending. */
  readonly ratesKbps: readonly number[];
  readonly segmentMs: number;
  /** The quality of what comes before; null where nothing does. */
  readonly rung: number | null;
  /** Somebody waits for it: the listener. */
  readonly isAwaited: boolean;
  /** Sound ahead of the play position, held or under way. */
  readonly bufferMs: number;
  /** Null: not known. */
  readonly throughputKbps: number | null;
  /** The manifest took so long that the link, of which nothing else is known, is a slow one. */
  readonly seemsSlow: boolean;
  /** Sound since the quality was changed; Infinity for never. */
  readonly sinceChangeMs: number;
}

export type QualityReason =
  /** Nothing is known of the link: modest, since most links carry it and it is nearly as good as any. */
  | 'link-unknown'
  /** Nothing is known but that the manifest was long in coming. */
  | 'link-seems-slow'
  /** The best that lets sound begin as soon as any. */
  | 'sound-soon'
  /** Nobody waits: what the link carries. */
  | 'ahead'
  | 'steady'
  | 'buffer-bridges'
  | 'link-too-slow'
  | 'link-has-room'
  /** The link has room, but the quality was changed a moment ago. */
  | 'changed-lately'
  /** The link has room, but the better quality would come too late for the next boundary. */
  | 'not-in-time';

export interface QualityDecision {
  readonly rung: number;
  readonly reason: QualityReason;
}

export function chooseQuality(view: QualityView): QualityDecision {
  const { rung, throughputKbps } = view;
  if (throughputKbps === null) {
    if (rung !== null) return { rung, reason: 'link-unknown' };
    if (view.seemsSlow) return { rung: 0, reason: 'link-seems-slow' };
    return { rung: highest(view, (rate) => rate <= MODEST_KBPS), reason: 'link-unknown' };
  }
  if (rung === null) return view.isAwaited ? start(view, throughputKbps) : ahead(view, throughputKbps);
  const rate = view.ratesKbps[rung] ?? 0;
  const isComfortable = view.bufferMs >= COMFORTABLE_MS;
  if (rate <= throughputKbps * (isComfortable ? KEEP_SHARE.comfortable : KEEP_SHARE.low)) {
    return rise(view, rung, throughputKbps);
  }
  // What is in the buffer when one more request has come in this quality.
  const leftMs = view.bufferMs + REQUEST_MS * (1 - rate / throughputKbps);
  if (leftMs >= COMFORTABLE_MS) return { rung, reason: 'buffer-bridges' };
  const lower = highest(view, (other) => other <= throughputKbps * KEEP_SHARE.low);
  return { rung: Math.min(rung, lower), reason: 'link-too-slow' };
}

/**
 * What is held, but in less than a modest quality, may be fetched again in the best that the link carries with room; in a
 * modest one where nothing is known any more, to find out.
 * @returns null when there is no reason to
 */
export function improveQuality(
  { ratesKbps, throughputKbps }: Pick<QualityView, 'ratesKbps' | 'throughputKbps'>,
  rung: number,
): number | null {
  const isPoor = (ratesKbps[rung] ?? 0) < POOR_KBPS;
  if (!isPoor) return null;
  const mostKbps = throughputKbps === null ? MODEST_KBPS : throughputKbps * UP_SHARE;
  const better = ratesKbps.findLastIndex((rate) => rate <= mostKbps);
  return better > rung ? better : null;
}

function start(view: QualityView, throughputKbps: number): QualityDecision {
  const rung = highest(view, (rate) => {
    const takesMs = (rate * view.segmentMs) / throughputKbps;
    return takesMs <= (rate <= MODEST_KBPS ? MODEST_WITHIN_MS : START_WITHIN_MS);
  });
  return { rung, reason: 'sound-soon' };
}

function ahead(view: QualityView, throughputKbps: number): QualityDecision {
  return { rung: highest(view, (rate) => rate <= throughputKbps * UP_SHARE), reason: 'ahead' };
}

function rise(view: QualityView, rung: number, throughputKbps: number): QualityDecision {
  const better = highest(view, (rate) => rate <= throughputKbps * UP_SHARE);
  if (better <= rung) return { rung, reason: 'steady' };
  if (view.sinceChangeMs < STEADY_MS) return { rung, reason: 'changed-lately' };
  const entersInMs = (rate: number): number => (2 * view.segmentMs * rate) / throughputKbps + ENTER_MARGIN_MS;
  const inTime = highest(view, (rate) => rate <= throughputKbps * UP_SHARE && entersInMs(rate) <= view.bufferMs);
  return inTime > rung ? { rung: inTime, reason: 'link-has-room' } : { rung, reason: 'not-in-time' };
}

/** The highest quality of which it holds; the lowest when it holds of none. */
function highest(view: QualityView, holds: (rateKbps: number) => boolean): number {
  return Math.max(0, view.ratesKbps.findLastIndex(holds));
}
