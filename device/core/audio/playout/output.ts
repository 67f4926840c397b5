/**
 * The device's life: opened when there is something to play, opened again when it went away, let go at a stop.
 *
 * A device that cannot be had is tried again for as long as it is wanted, and what is wrong with it is told meanwhile:
 * a loudspeaker that was unplugged is plugged in again.
 */
import type { AudioSink, AudioSinkGrant, SampleBits } from '#device/core/ports/audio-sink';
import { fullJitter } from '#protocol/kit/retry-schedule';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import type { TonearmError } from '#protocol/vocabulary/errors';
import { FRAMES_PER_SECOND, hz, type Ms, ms } from '#protocol/vocabulary/units';

/** Wait before a device is tried again: a sound server restarts within the first, a cable is found within the last. */
const REOPEN_RETRY = { baseMs: ms(250), capMs: ms(5_000) } as const;

type OutputState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'opening' }
  | { readonly kind: 'open' }
  | { readonly kind: 'waiting'; readonly timer: Timer };

export interface OutputListener {
  opened(grant: AudioSinkGrant): void;
  /** What it held is gone; it is opened again by itself. */
  lost(): void;
  /** `problem` or the sink's name may have changed. */
  changed(): void;
}

export interface Output {
  open(): void;
  close(): Promise<void>;
  isOpen(): boolean;
  /** Why nothing is heard; null when all is well or nothing is wanted. */
  problem(): TonearmError | null;
}

export function createOutput(
  ports: { readonly clock: Clock; readonly random: Random; readonly logger: Logger; readonly sink: AudioSink },
  listener: OutputListener,
  options: { readonly latency: Ms; readonly reserve: Ms; readonly sampleBits: SampleBits },
): Output {
  const { clock, sink, logger } = ports;
  const schedule = fullJitter(ports.random, REOPEN_RETRY);
  let state: OutputState = { kind: 'closed' };
  /** An answer or a loss that belongs to an earlier opening is dropped. */
  let opening = 0;
  let closing: Promise<void> = Promise.resolve();
  let problem: TonearmError | null = null;

  const attempt = (): void => {
    opening += 1;
    const mine = opening;
    state = { kind: 'opening' };
    const { latency, reserve, sampleBits } = options;
    const request = { rate: hz(FRAMES_PER_SECOND), channels: 2, latency, reserve, sampleBits } as const;
    void closing
      .then(() => sink.open(request, { lost: (error) => mine === opening && lost(error) }))
      .then((outcome) => {
        if (mine !== opening) return;
        if (outcome.ok) opened(outcome.value);
        else waitAfter(outcome.error);
      });
  };

  const opened = (grant: AudioSinkGrant): void => {
    schedule.reset();
    state = { kind: 'open' };
    problem = grant.problem ?? null;
    logger.info('output.opened', {
      output: sink.name,
      bufferFrames: grant.bufferFrames,
      periodFrames: grant.periodFrames,
      sampleBits: grant.sampleBits,
      canRewind: grant.canRewind,
      problem: grant.problem?.message,
    });
    listener.opened(grant);
    listener.changed();
  };

  const waitAfter = (error: TonearmError): void => {
    // Tried every few seconds, perhaps for days: said once.
    const isNews = problem?.message !== error.message;
    if (isNews) logger.warn('output.unavailable', { output: sink.name, code: error.code, message: error.message });
    problem = error;
    state = { kind: 'waiting', timer: clock.setTimer('output.reopen', schedule.next(), attempt) };
    listener.changed();
  };

  const lost = (error: TonearmError): void => {
    if (state.kind !== 'open') return;
    listener.lost();
    waitAfter(error);
  };

  return {
    open: () => {
      if (state.kind === 'closed') attempt();
    },
    close: async () => {
      opening += 1;
      if (state.kind === 'waiting') state.timer.cancel();
      state = { kind: 'closed' };
      problem = null;
      closing = closing.then(() => sink.close());
      await closing;
    },
    isOpen: () => state.kind === 'open',
    problem: () => problem,
  };
}
