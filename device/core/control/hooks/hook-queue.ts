/**
 * Which events wait while a hook program runs. What is a state is told once, as it is last: a program that is slow must not
 * be told of ten volumes that nobody has any more. What has merely happened waits, up to a limit.
 */
import type { HookEvent } from './hook-event.ts';

/** More than a speaker has to say in the time that a program may take. */
export const HOOKS_WAITING_MAX = 32;

export interface HookQueue {
  /** Oldest first. */
  readonly waiting: readonly HookEvent[];
  /** Let go for want of room since `takeNext` gave one out. */
  readonly letGo: number;
}

export const EMPTY_HOOK_QUEUE: HookQueue = { waiting: [], letGo: 0 };

/** Events of one subject replace each other; null: each of them is told. */
export function subjectOf({ event }: HookEvent): string | null {
  switch (event) {
    case 'playing':
    case 'paused':
    case 'stopped':
      return 'activity';
    case 'connected':
    case 'disconnected':
      return 'connection';
    case 'error':
      return null;
    case 'volume':
    case 'track-changed':
    case 'pairing-code':
    case 'update':
      return event;
  }
}

/** A newer state takes its place at the end, so that what is told last is what happened last. */
export function addHook({ waiting, letGo }: HookQueue, event: HookEvent): HookQueue {
  const subject = subjectOf(event);
  const kept = subject === null ? waiting : waiting.filter((it) => subjectOf(it) !== subject);
  const grown = [...kept, event];
  const tooMany = Math.max(0, grown.length - HOOKS_WAITING_MAX);
  if (tooMany === 0) return { waiting: grown, letGo };
  return { waiting: withoutOldest(grown), letGo: letGo + tooMany };
}

/** The oldest of what merely happened goes: a state that was let go would never be told. */
function withoutOldest(events: readonly HookEvent[]): readonly HookEvent[] {
  const index = events.findIndex((it) => subjectOf(it) === null);
  return events.filter((_, at) => at !== Math.max(0, index));
}

export function takeNext({ waiting }: HookQueue): { readonly next: HookEvent | null; readonly queue: HookQueue } {
  const [next = null, ...rest] = waiting;
  return { next, queue: { waiting: rest, letGo: 0 } };
}
