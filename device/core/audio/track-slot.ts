/**
 * One track on its way to being heard: its fetcher, its plan once the manifest is there, and how much of it is held.
 */
import type { PacketDecoderFactory } from '#device/core/ports/packet-decoder';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import { FRAMES_PER_SECOND, type Frames, frames } from '#protocol/vocabulary/units';
import type { Manifest } from '#protocol/wire/manifest';
import { heldOnShelf } from './cache/held-on-shelf.ts';
import type { SegmentShelf } from './cache/segment-shelf.ts';
import { createTrackReader, type PlacedReader } from './decode/track-reader.ts';
import { createTrackFetcher, type TrackFetcher, type TrackFetcherPorts } from './fetch/track-fetcher.ts';
import { walkRoute } from './manifest/rung-route.ts';
import { planDecodeStart, type SegmentPlan, type SegmentSpan, segmentStartPosition } from './manifest/segment-plan.ts';
import type { TrackPlan } from './manifest/track-plan.ts';
import { chooseLoudness, type LoudnessMode, loudnessGain } from './mix/gain.ts';
import { Voice } from './mix/voice.ts';

/** Segments looked at when asking how much is held in a row; well above the horizon. */
const LOOK_AHEAD_SEGMENTS = 128;
/** Packets that may become silence before it is said again; a bad file must not fill the log. */
const CORRUPT_PACKETS_LOGGED = 5;
/** Held after a position before it sounds: covers the fade and the first ticks, and any more would only delay. */
export const START_FRAMES = frames((FRAMES_PER_SECOND * 3) / 10);
/** Held before sound comes back after running dry: two seconds, so that a slow link pauses once and does not stutter. */
export const RESUME_FRAMES = frames(2 * FRAMES_PER_SECOND);

export type TrackSlotPorts = TrackFetcherPorts & {
  readonly shelf: SegmentShelf;
  readonly decoders: PacketDecoderFactory;
  readonly loudness: LoudnessMode;
};

export interface TrackSlotListener {
  /** The manifest or more segments have arrived. */
  progressed(): void;
  /** `slot.failure` is set: nothing more will arrive. */
  failed(): void;
}

export class TrackSlot {
  readonly trackId: TrackId;
  readonly #ports: TrackSlotPorts;
  readonly #listener: TrackSlotListener;
  readonly #fetcher: TrackFetcher;
  #source: { readonly plan: TrackPlan; readonly manifest: Manifest } | null = null;
  /** The one made last: what it reads next decides what can follow. */
  #reader: PlacedReader | null = null;
  #failure: TonearmError | null = null;
  #corruptPackets = 0;

  constructor(ports: TrackSlotPorts, trackId: TrackId, listener: TrackSlotListener) {
    this.trackId = trackId;
    this.#ports = ports;
    this.#listener = listener;
    const track = { trackId, reading: () => this.#reader?.place() ?? null };
    this.#fetcher = createTrackFetcher(ports, track, {
      planned: (plan, manifest) => {
        this.#source = { plan, manifest };
        listener.progressed();
      },
      segmentsArrived: () => listener.progressed(),
      failed: (error) => this.#fail(error),
    });
  }

  /** Of the best quality that may be played, positions being the same in all; null until the manifest is there. */
  get plan(): SegmentPlan | null {
    return this.#source?.plan.best ?? null;
  }

  /** Null until it is there. */
  get manifest(): Manifest | null {
    return this.#source?.manifest ?? null;
  }

  /** Why nothing more will arrive; what is held can still be heard. */
  get failure(): TonearmError | null {
    return this.#failure;
  }

  get fetcher(): Pick<TrackFetcher, 'want' | 'nudge'> {
    return this.#fetcher;
  }

  /** Of the file that is read now; null when none is. */
  qualityKbps(): number | null {
    const rung = this.#reader?.place().rung ?? null;
    return rung === null ? null : (this.#source?.plan.rungs[rung]?.file.bitrateKbps ?? null);
  }

  /** A position within the track. */
  clamp(position: Frames): Frames {
    return frames(Math.min(position, this.plan?.durationFrames ?? position));
  }

  /** Frames held in a row after `position`, when decoding goes on with `segment`; all that is left counts as endless. */
  heldAhead(position: Frames, segment: number): { readonly heldFrames: Frames; readonly isToEnd: boolean } {
    const plan = this.plan;
    if (plan === null) return { heldFrames: frames(0), isToEnd: false };
    const missing = this.firstMissing({
      from: segment,
      to: Math.min(plan.segmentCount, segment + LOOK_AHEAD_SEGMENTS),
    });
    const isToEnd = missing >= plan.segmentCount;
    const until = isToEnd ? plan.durationFrames : segmentStartPosition(plan, missing);
    return { heldFrames: frames(Math.max(0, until - position)), isToEnd };
  }

  /**
   * First segment of the span that cannot be read on to, in whatever qualities; `to` when all can.
   * @param span begins with what is read next, or with what would be after a seek
   */
  firstMissing({ from, to }: SegmentSpan): number {
    if (this.#source === null) return from;
    const place = this.#reader?.place();
    const rung = place?.segment === from ? place.rung : null;
    return walkRoute(heldOnShelf(this.#ports.shelf, this.#source.plan), { segment: from, rung }, to).segment;
  }

  /** Whether sound can begin at `position` at once. */
  canStart(position: Frames): boolean {
    const plan = this.plan;
    if (plan === null) return false;
    const { heldFrames, isToEnd } = this.heldAhead(position, planDecodeStart(plan, position).segment);
    return isToEnd || heldFrames >= START_FRAMES;
  }

  /** @throws when called before the manifest is there, or when no decoder can be had (`decode.unavailable`) */
  createVoice(position: Frames): Voice {
    const source = this.#source;
    if (source === null) throw new Error('a voice needs a manifest');
    const reader = createTrackReader(
      this.#ports,
      { plan: source.plan, positionFrames: position },
      {
        segmentCorrupt: (rung, segment) => this.#fetcher.reportCorrupt(rung, segment),
        packetCorrupt: (positionFrames) => this.#packetCorrupt(positionFrames),
        failed: (error) => this.#fail(error),
      },
    );
    this.#reader = reader;
    return new Voice(reader, position, loudnessGain(chooseLoudness(source.manifest, this.#ports.loudness)));
  }

  /** Ends all fetching; voices already made play on from what is held. */
  close(): void {
    this.#fetcher.close();
  }

  #packetCorrupt(positionFrames: Frames): void {
    this.#corruptPackets += 1;
    if (this.#corruptPackets > CORRUPT_PACKETS_LOGGED) return;
    this.#ports.logger.warn('decode.corrupt-packet', {
      trackId: this.trackId,
      positionFrames,
      count: this.#corruptPackets,
    });
  }

  #fail(error: TonearmError): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#fetcher.close();
    this.#listener.failed();
  }
}
