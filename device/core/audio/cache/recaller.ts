/**
 * Brings what one track wants from the archive into memory: instead of fetching it, and before anything is fetched.
 * No edge has any part in it, so it goes on while the network is away, and nothing of it counts for how fast that is.
 */
import type { Clock } from '#protocol/ports/clock';
import type { FileId } from '#protocol/vocabulary/ids';
import type { SegmentPlan, SegmentSpan } from '../manifest/segment-plan.ts';
import type { SegmentShelf } from './segment-shelf.ts';

/**
 * What memory has let go of is not recalled again sooner: were it too small for what is wanted, the archive would be read
 * round and round.
 */
export const RECALL_AGAIN_MS = 1_000;
/** Places of which that is remembered: twice what one track wants in two qualities. */
const PLACES_MAX = 256;

export interface RecallerPorts {
  readonly clock: Clock;
  readonly shelf: SegmentShelf;
}

export class Recaller {
  readonly #ports: RecallerPorts;
  readonly #recalled: () => void;
  readonly #underWay = new Set<string>();
  /** By place, oldest first; when it was recalled last. */
  readonly #recalledUs = new Map<string, number>();
  #isOver = false;

  /** @param recalled told when something has come, or turned out to be gone */
  constructor(ports: RecallerPorts, recalled: () => void) {
    this.#ports = ports;
    this.#recalled = recalled;
  }

  /** Begins to recall all of a span that is archived and not in memory, in every quality: any may be needed for the way on. */
  want(rungs: readonly SegmentPlan[], span: SegmentSpan): void {
    for (let segment = span.from; segment < span.to; segment += 1) {
      for (const plan of rungs) if (this.#isDue(plan, segment)) void this.#recall(plan, segment);
    }
  }

  isUnderWay(plan: SegmentPlan, segment: number): boolean {
    // Asked of each segment of a track, each second, and mostly there is none.
    return this.#underWay.size > 0 && this.#underWay.has(placeOf(plan.file.fileId, segment));
  }

  /** Nothing is told after it. */
  close(): void {
    this.#isOver = true;
    this.#underWay.clear();
  }

  #isDue(plan: SegmentPlan, segment: number): boolean {
    const { clock, shelf } = this.#ports;
    // The archive first: of most qualities it has nothing, and says so at once.
    if (this.#isOver || !shelf.isArchived(plan, segment) || shelf.isHeld(plan, segment)) return false;
    const place = placeOf(plan.file.fileId, segment);
    const recalledUs = this.#recalledUs.get(place) ?? Number.NEGATIVE_INFINITY;
    return !this.#underWay.has(place) && clock.nowUs() - recalledUs >= RECALL_AGAIN_MS * 1000;
  }

  async #recall(plan: SegmentPlan, segment: number): Promise<void> {
    const place = placeOf(plan.file.fileId, segment);
    this.#underWay.add(place);
    this.#remember(place);
    await this.#ports.shelf.recall(plan, segment);
    if (this.#isOver) return;
    this.#underWay.delete(place);
    this.#recalled();
  }

  #remember(place: string): void {
    this.#recalledUs.delete(place);
    this.#recalledUs.set(place, this.#ports.clock.nowUs());
    for (const oldest of this.#recalledUs.keys()) {
      if (this.#recalledUs.size <= PLACES_MAX) break;
      this.#recalledUs.delete(oldest);
    }
  }
}

function placeOf(fileId: FileId, segment: number): string {
  return `${fileId}/${segment}`;
}
