/**
 * What came out of a loudspeaker, read back from the samples: which track, from which frame to which, and when.
 *
 * A run is sound without a gap, a jump or a repeated frame: as soon as a mark is not exactly where it should be, a new
 * run begins. Audible frames before a run's first mark (a packet entered in its middle) are counted to that run.
 */
import { type Us, us } from '#protocol/vocabulary/units';
import { NAME_FRAMES, PACKET_FRAMES, type PacketName, readPacketName, UNSETTLED_TRACK } from './coded-packet.ts';
import { PRE_SKIP_FRAMES } from './coded-track.ts';

/** Quieter than this is silence: dither is at most one step of sixteen bits. */
const SILENCE_MAX = 2;
/** Runs kept; a scenario of minutes makes a few hundred at most. */
const RUNS_MAX = 10_000;
const US_PER_FRAME = 1_000_000 / 48_000;

/** A stretch of sound in which every frame follows the one before. */
export interface HeardRun {
  readonly track: number;
  /** Position in the track of the run's first frame. */
  readonly fromFrames: number;
  /** Frame of the loudspeaker, counted since it was first opened, at which the run began. */
  readonly atSinkFrame: number;
  readonly atUs: Us;
  readonly countFrames: number;
}

interface Mark extends PacketName {
  readonly sinkFrame: number;
}

interface OpenRun {
  readonly first: Omit<HeardRun, 'countFrames'>;
  lastMark: Mark;
  /** A packet has begun exactly where the next one should, though its name has not been read yet. */
  goesOn: boolean;
}

export class HeardSound {
  readonly #ended: HeardRun[] = [];
  #open: OpenRun | null = null;
  #sinkFrame = 0;
  #unsettledPackets = 0;
  #lastAudibleUs: Us | null = null;
  /** Sink frame with which the present sound began; null in silence. */
  #audibleSince: number | null = null;
  #rightWasLow = false;
  /** A mark whose packet's name is being read, with the left channel's signs since. */
  #reading: { readonly sinkFrame: number; readonly atUs: number; readonly leftIsHigh: boolean[] } | null = null;

  /** Packets that were heard of a decoder that had not settled: there should be none. */
  get unsettledPackets(): number {
    return this.#unsettledPackets;
  }

  /** Frames that the loudspeaker has put out since it was first opened, silence included. */
  get sinkFrames(): number {
    return this.#sinkFrame;
  }

  /** When a frame that was not silent was last heard; null before the first. */
  get lastAudibleUs(): Us | null {
    return this.#lastAudibleUs;
  }

  /** In the order heard; the last one may still be going on. */
  runs(): readonly HeardRun[] {
    if (this.#open === null) return this.#ended;
    return [...this.#ended, this.#closed(this.#open, this.#sinkFrame)];
  }

  /** @param samples interleaved, in the order heard; the first one at `atUs` */
  hear(samples: Int16Array, offsetFrames: number, countFrames: number, atUs: Us): void {
    for (let frame = 0; frame < countFrames; frame += 1) {
      const place = (offsetFrames + frame) * 2;
      this.#hearFrame(samples[place] ?? 0, samples[place + 1] ?? 0, atUs + frame * US_PER_FRAME);
      this.#sinkFrame += 1;
    }
  }

  /** Nothing came out for this long. */
  hearSilence(countFrames: number): void {
    if (countFrames <= 0) return;
    this.#endSound();
    this.#sinkFrame += countFrames;
  }

  #hearFrame(left: number, right: number, atUs: number): void {
    if (Math.abs(left) <= SILENCE_MAX && Math.abs(right) <= SILENCE_MAX) {
      this.#endSound();
      return;
    }
    this.#lastAudibleUs = us(Math.round(atUs));
    this.#audibleSince ??= this.#sinkFrame;
    const isLow = right < 0;
    if (isLow && !this.#rightWasLow) this.#beginMark(atUs);
    this.#rightWasLow = isLow;
    const reading = this.#reading;
    if (reading === null) return;
    reading.leftIsHigh.push(left > 0);
    if (reading.leftIsHigh.length < NAME_FRAMES) return;
    this.#reading = null;
    const name = readPacketName(reading.leftIsHigh);
    if (name !== null) this.#take({ ...name, sinkFrame: reading.sinkFrame }, reading.atUs);
  }

  #beginMark(atUs: number): void {
    this.#reading = { sinkFrame: this.#sinkFrame, atUs, leftIsHigh: [] };
    if (this.#open?.lastMark.sinkFrame === this.#sinkFrame - PACKET_FRAMES) this.#open.goesOn = true;
  }

  #take(mark: Mark, atUs: number): void {
    if (mark.track === UNSETTLED_TRACK) this.#unsettledPackets += 1;
    const open = this.#open;
    if (open !== null && follows(open.lastMark, mark)) {
      open.lastMark = mark;
      open.goesOn = false;
      return;
    }
    const fromFrames = mark.packet * PACKET_FRAMES - PRE_SKIP_FRAMES;
    const soundBegan = Math.max(this.#audibleSince ?? mark.sinkFrame, open === null ? 0 : open.lastMark.sinkFrame);
    const head = Math.min(mark.sinkFrame - soundBegan, PACKET_FRAMES, Math.max(0, fromFrames));
    const atSinkFrame = mark.sinkFrame - head;
    this.#closeRun(atSinkFrame);
    this.#open = {
      first: {
        track: mark.track,
        fromFrames: fromFrames - head,
        atSinkFrame,
        atUs: us(Math.round(atUs - head * US_PER_FRAME)),
      },
      lastMark: mark,
      goesOn: false,
    };
  }

  #endSound(): void {
    if (this.#audibleSince === null) return;
    this.#closeRun(this.#sinkFrame);
    this.#audibleSince = null;
    this.#rightWasLow = false;
    this.#reading = null;
  }

  #closeRun(atSinkFrame: number): void {
    if (this.#open === null) return;
    if (this.#ended.length >= RUNS_MAX) throw new Error(`more than ${RUNS_MAX} runs of sound`);
    this.#ended.push(this.#closed(this.#open, atSinkFrame));
    this.#open = null;
  }

  /** Up to `atSinkFrame`, but no further than its marks vouch for. */
  #closed({ first, lastMark, goesOn }: OpenRun, atSinkFrame: number): HeardRun {
    const vouched = lastMark.sinkFrame + PACKET_FRAMES * (goesOn ? 2 : 1);
    return { ...first, countFrames: Math.min(atSinkFrame, vouched) - first.atSinkFrame };
  }
}

function follows(before: Mark, mark: Mark): boolean {
  return (
    mark.track === before.track &&
    mark.packet === before.packet + 1 &&
    mark.sinkFrame === before.sinkFrame + PACKET_FRAMES
  );
}
