/** The states of a speaker's connection; each holds exactly what exists then, so that nothing outlives its state. */
import type { Heartbeat } from '#protocol/kit/heartbeat';
import type { Timer } from '#protocol/ports/clock';
import type { DialAttempt, TransportLink } from '#protocol/ports/transport';
import { type Ms, ms, type Us } from '#protocol/vocabulary/units';
import type { Welcome } from '#protocol/wire/hello';

export type LinkState =
  | { readonly kind: 'stopped' }
  /** Until the next round of dialling. `isOrdered`: the bridge said when to come back, and discovery does not shorten that. */
  | { readonly kind: 'waiting'; readonly timer: Timer; readonly isOrdered: boolean }
  | {
      readonly kind: 'dialing';
      readonly address: string;
      readonly attempt: DialAttempt;
      readonly timer: Timer;
      /** Still to be tried in this round. */
      readonly rest: readonly string[];
    }
  /** The link is open, and the bridge's challenge is awaited. */
  | {
      readonly kind: 'opened';
      readonly address: string;
      readonly link: TransportLink;
      readonly timer: Timer;
      readonly rest: readonly string[];
    }
  /** `hello` is sent, `welcome` is awaited. */
  | {
      readonly kind: 'greeting';
      readonly address: string;
      readonly link: TransportLink;
      readonly timer: Timer;
      readonly rest: readonly string[];
    }
  | {
      readonly kind: 'connected';
      readonly address: string;
      readonly link: TransportLink;
      readonly heartbeat: Heartbeat;
      readonly bridge: Welcome['bridge'];
      readonly sinceUs: Us;
    };

/** For people: doctor, the speaker's own page, logs. */
export type ConnectionView =
  | { readonly kind: 'stopped' | 'waiting' }
  | { readonly kind: 'dialing' | 'greeting'; readonly address: string }
  | { readonly kind: 'connected'; readonly address: string; readonly bridge: Welcome['bridge'] };

export function connectionView(state: LinkState): ConnectionView {
  switch (state.kind) {
    case 'stopped':
    case 'waiting':
      return { kind: state.kind };
    case 'dialing':
    case 'greeting':
      return { kind: state.kind, address: state.address };
    case 'opened':
      return { kind: 'greeting', address: state.address };
    case 'connected':
      return { kind: 'connected', address: state.address, bridge: state.bridge };
  }
}

const HEARTBEAT_EVERY_MIN_MS = 100;
const HEARTBEAT_EVERY_MAX_MS = 60_000;
const HEARTBEAT_DEAD_MAX_MS = 300_000;
/** Fewer than two periods of silence would take a healthy peer for dead. */
const PERIODS_UNTIL_DEAD_MIN = 2;

/** The welcome's figures within what makes sense: a bridge must not be able to make a speaker busy, or deaf for ever. */
export function heartbeatOptions(welcome: Welcome): { readonly everyMs: Ms; readonly deadAfterMs: Ms } {
  const every = Math.min(HEARTBEAT_EVERY_MAX_MS, Math.max(HEARTBEAT_EVERY_MIN_MS, welcome.heartbeatEveryMs));
  const dead = Math.max(every * PERIODS_UNTIL_DEAD_MIN, welcome.heartbeatDeadAfterMs);
  return { everyMs: ms(every), deadAfterMs: ms(Math.min(HEARTBEAT_DEAD_MAX_MS, dead)) };
}
