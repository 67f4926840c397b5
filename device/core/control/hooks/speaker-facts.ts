/** What is to be seen of a speaker from its board (by programs, by its light), and which events lie between two such looks. */
import type { DeviceView } from '#device/core/device';
import type { HookEvent } from './hook-event.ts';

export interface SpeakerFacts {
  /** Null while it fetches what it is to play: that is neither the one nor the other. */
  readonly activity: 'playing' | 'paused' | 'stopped' | null;
  readonly trackId: string | null;
  readonly volume: number;
  /** Null while there is none. */
  readonly bridge: { readonly name: string; readonly address: string } | null;
  /** The sink's, else the last track's. */
  readonly problem: { readonly code: string; readonly message: string } | null;
}

export function factsOf(view: Pick<DeviceView, 'session' | 'speaker' | 'connection'>): SpeakerFacts {
  const { session, speaker, connection } = view;
  const playback = session?.playback ?? { kind: 'stopped' };
  const { outputProblem } = speaker;
  const problem = outputProblem ?? session?.problem?.error ?? null;
  return {
    activity: playback.kind === 'buffering' ? null : playback.kind,
    trackId: 'trackId' in playback ? playback.trackId : null,
    volume: speaker.volume,
    bridge: connection.kind === 'connected' ? { name: connection.bridge.name, address: connection.address } : null,
    problem: problem === null ? null : { code: problem.code, message: problem.message },
  };
}

/** A speaker before anything has happened to it. */
export function quietFacts(volume: number): SpeakerFacts {
  return { activity: 'stopped', trackId: null, volume, bridge: null, problem: null };
}

/** As they are remembered: an activity that is none leaves the one before it. */
export function followFacts(before: SpeakerFacts, now: SpeakerFacts): SpeakerFacts {
  return now.activity === null ? { ...now, activity: before.activity } : now;
}

/** What has happened, causes before what follows from them. */
export function eventsBetween(before: SpeakerFacts, now: SpeakerFacts): HookEvent[] {
  const events: HookEvent[] = [];
  if (now.bridge !== null && now.bridge.address !== before.bridge?.address) {
    events.push({ event: 'connected', bridge: now.bridge.name, address: now.bridge.address });
  }
  if (now.bridge === null && before.bridge !== null) events.push({ event: 'disconnected' });
  if (now.volume !== before.volume) events.push({ event: 'volume', volume: now.volume });
  if (now.problem !== null && now.problem.code !== before.problem?.code) {
    events.push({ event: 'error', ...now.problem });
  }
  const trackId = now.trackId ?? '';
  if (now.trackId !== null && now.trackId !== before.trackId) events.push({ event: 'track-changed', trackId });
  if (now.activity === null || now.activity === before.activity) return events;
  events.push(now.activity === 'stopped' ? { event: 'stopped' } : { event: now.activity, trackId });
  return events;
}
