/** What the two threads say to each other. Both are ours and of one build, so nothing is parsed. */
import type { EngineEvent, EngineIntent } from '#device/core/ports/audio-engine';
import type { FlightEvent } from '#protocol/kit/flight-recorder';

export type ToAudioWorker =
  | { readonly kind: 'intent'; readonly intent: EngineIntent }
  /** Answered with `alive`, by a thread that still turns. */
  | { readonly kind: 'areYouAlive' }
  /** End everything; answered with `closed`. */
  | { readonly kind: 'close' };

export type FromAudioWorker =
  | { readonly kind: 'event'; readonly event: EngineEvent }
  /** For the flight recorder, where there is one. */
  | { readonly kind: 'noted'; readonly port: 'fetch' | 'sink'; readonly event: FlightEvent }
  | { readonly kind: 'alive' }
  | { readonly kind: 'closed' };
