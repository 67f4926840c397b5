/**
 * The trace of what is heard as a line in a small file, which lies in memory (a runtime folder) wherever the system has
 * such a place. A reader in another life of the speaker takes it for what it says only if it is of the same start of the
 * machine.
 */
import type { SoundTrace } from '#device/core/ports/sound-trace';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { TraceRecord } from './playback-record.ts';
import { openTracePage, type TracePage } from './trace-page.ts';

/** No sooner, and then at a tick of the audio thread: by half of both a kill is off its place at most, which nobody hears. */
const LEAVE_EVERY_US = 50_000;

export interface FileSoundTraceOptions {
  readonly path: string;
  readonly bootId: string | null;
  /** Folder that holds `.build/addons`; null: without any. */
  readonly root: string | null;
}

export function createFileSoundTrace(
  ports: { readonly clock: Clock; readonly logger: Logger },
  { path, bootId, root }: FileSoundTraceOptions,
): SoundTrace {
  const { clock, logger } = ports;
  let page: TracePage | null = null;
  let hasFailed = false;
  let leftAtUs = Number.NEGATIVE_INFINITY;

  function write(trace: TraceRecord): void {
    try {
      page ??= openTracePage(path, root);
      page.leave(trace);
    } catch (thrown) {
      // Once is enough: nothing is lost but some tenths of a second after a kill.
      hasFailed = true;
      logger.warn('sound-trace.failed', { path, reason: thrown instanceof Error ? thrown.message : String(thrown) });
    }
  }

  return {
    leave: ({ generation, trackId }, positionFrames) => {
      const atUs = clock.nowUs();
      if (hasFailed || atUs - leftAtUs < LEAVE_EVERY_US) return;
      leftAtUs = atUs;
      write({ bootId, atUs, generation, trackId, positionFrames });
    },
  };
}
