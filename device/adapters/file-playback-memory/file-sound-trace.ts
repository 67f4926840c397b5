/**
 * The trace of what is heard as one line in a file, overwritten where it stands: 2 µs, without a copy and without waiting,
 * since the file lies in memory (a runtime folder) wherever the system has such a place. A reader in another life of
 * the speaker takes the line for what it says only if it is of the same start of the machine.
 */
import { openSync, writeSync } from 'node:fs';
import type { SoundTrace } from '#device/core/ports/sound-trace';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { TRACE_BYTES, type TraceRecord } from './playback-record.ts';
import { TraceLine } from './trace-line.ts';

/** What is heard twice after a kill, at most, and then a tick of the audio thread; nobody hears that as a repetition. */
const LEAVE_EVERY_US = 50_000;
const FILE_MODE = 0o600;

export interface FileSoundTraceOptions {
  readonly path: string;
  readonly bootId: string | null;
}

export function createFileSoundTrace(
  ports: { readonly clock: Clock; readonly logger: Logger },
  { path, bootId }: FileSoundTraceOptions,
): SoundTrace {
  const { clock, logger } = ports;
  const line = new TraceLine();
  let file: number | null = null;
  let hasFailed = false;
  let leftAtUs = Number.NEGATIVE_INFINITY;

  function write(trace: TraceRecord): void {
    try {
      file ??= openSync(path, 'w', FILE_MODE);
      line.set(trace);
      writeSync(file, line.bytes, 0, TRACE_BYTES, 0);
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
