/**
 * Presses play for the user: as soon as the first track is known, on the household's speaker, through the same REST door that
 * any phone uses. Tracks that are found later are put behind those that were known then.
 */
import * as z from 'zod/mini';
import type { RestPhone } from '#sim/processes/rest-phone';
import { decidePlay } from './play-decision.ts';

/** How often the catalogue is looked at until music plays. */
const LOOK_EVERY_MS = 100;
/** How often afterwards, for tracks that came later. */
const LOOK_AGAIN_EVERY_MS = 1_000;
/** A speaker may be connected a moment after its music is known. */
const PLAY_ATTEMPTS_MAX = 20;
const PLAY_AGAIN_AFTER_MS = 500;
/** Tracks that are put behind a queue that has begun: as many as the contract lets people put there. */
const LATECOMERS_MAX = 200;
const PAGE_ITEMS = 100;

const pageSchema = z.object({ total: z.number(), items: z.array(z.object({ id: z.string() })) });

export interface MusicStarterView {
  /** True while files are still being put into the folder. */
  isGrowing(): boolean;
  /** There is no music, and none will come. */
  foundNothing(): void;
  /** Music is known and the speaker does not take it; `problem` is what the bridge answered last. */
  couldNotPlay(problem: string): void;
}

export class MusicStarter {
  readonly #phone: RestPhone;
  readonly #view: MusicStarterView;
  readonly #known = new Set<string>();
  #isStopped = false;

  constructor(phone: RestPhone, view: MusicStarterView) {
    this.#phone = phone;
    this.#view = view;
  }

  /** Resolves when all music has been queued, when there is nothing to do, or after `stop`. */
  async run(speakerId: string): Promise<void> {
    if (!(await this.#waitForMusic())) return;
    if (!(await this.#play(speakerId))) return;
    await this.#queueLatecomers(speakerId);
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** @returns false when there is none */
  async #waitForMusic(): Promise<boolean> {
    let tracks = 0;
    let firstAtMs = 0;
    let changedAtMs = 0;
    while (!this.#isStopped) {
      const [page, household] = [await this.#page(0), await this.#phone.household().catch(() => null)];
      const nowMs = performance.now();
      if (tracks === 0 && page.total > 0) firstAtMs = nowMs;
      if (page.total !== tracks) changedAtMs = nowMs;
      tracks = page.total;
      if (household !== null) {
        const decision = decidePlay({
          tracks,
          sinceFirstMs: nowMs - firstAtMs,
          unchangedMs: nowMs - changedAtMs,
          ingest: household.ingest,
          isGrowing: this.#view.isGrowing(),
        });
        if (decision === 'play') return true;
        if (decision === 'nothing') {
          this.#view.foundNothing();
          return false;
        }
      }
      await pause(LOOK_EVERY_MS);
    }
    return false;
  }

  async #play(speakerId: string): Promise<boolean> {
    let problem = '';
    for (let attempt = 0; attempt < PLAY_ATTEMPTS_MAX && !this.#isStopped; attempt += 1) {
      for (const id of await this.#allIds()) this.#known.add(id);
      try {
        await this.#phone.command('PUT', `/v1/me/player/play?device_id=${speakerId}`, {
          context_uri: 'tonearm:library',
        });
        return true;
      } catch (thrown) {
        problem = thrown instanceof Error ? thrown.message : String(thrown);
      }
      await pause(PLAY_AGAIN_AFTER_MS);
    }
    if (!this.#isStopped) this.#view.couldNotPlay(problem);
    return false;
  }

  async #queueLatecomers(speakerId: string): Promise<void> {
    let queued = 0;
    let isLastLook = false;
    while (!this.#isStopped && queued < LATECOMERS_MAX) {
      const household = await this.#phone.household().catch(() => null);
      const isMoreComing = household === null || household.ingest.isRunning || this.#view.isGrowing();
      for (const id of await this.#allIds()) {
        if (this.#known.has(id) || queued >= LATECOMERS_MAX) continue;
        await this.#phone
          .command('POST', `/v1/me/player/queue?uri=tonearm:track:${id}&device_id=${speakerId}`)
          .catch(() => {
            // The queue is full or the user has moved on; the track is in the library all the same.
          });
        this.#known.add(id);
        queued += 1;
      }
      if (isLastLook) return;
      isLastLook = !isMoreComing;
      await pause(LOOK_AGAIN_EVERY_MS);
    }
  }

  async #allIds(): Promise<string[]> {
    const ids: string[] = [];
    for (;;) {
      const page = await this.#page(ids.length);
      ids.push(...page.items.map(({ id }) => id));
      if (page.items.length === 0 || ids.length >= page.total || ids.length >= LATECOMERS_MAX) return ids;
    }
  }

  /** An empty page when the bridge is not there: it is being restarted, and the next look finds it. */
  async #page(offset: number): Promise<z.infer<typeof pageSchema>> {
    try {
      const body = await this.#phone.command('GET', `/tonearm/v1/tracks?offset=${offset}&limit=${PAGE_ITEMS}`);
      return pageSchema.parse(body);
    } catch {
      return { total: 0, items: [] };
    }
  }
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
}
