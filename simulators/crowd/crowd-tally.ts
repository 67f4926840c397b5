/** What has happened to all speakers of a crowd together, counted as they say it. */
import { ReasonCount } from './reason-count.ts';

export class CrowdTally {
  /** Connected now. */
  up = 0;
  welcomed = 0;
  /** Links that were up and ended by themselves. */
  lost = 0;
  /** Attempts that ended by no answer in time, of the handshake or to hello. */
  timedOut = 0;
  /** Attempts that ended in any other way. */
  failed = 0;
  /** What their players were told to do. */
  obeyed = 0;
  /** The operating system gave no more files (EMFILE, ENFILE). */
  isOutOfFiles = false;
  /** Messages by kind, `in` from the bridge. */
  readonly messages: Record<'in' | 'out', Map<string, number>> = { in: new Map(), out: new Map() };
  /** Why attempts failed. */
  readonly reasons = new ReasonCount();

  attemptFailed(reason: string): void {
    if (/EMFILE|ENFILE/.test(reason)) this.isOutOfFiles = true;
    if (/timed out|ETIMEDOUT|does not answer/.test(reason)) this.timedOut += 1;
    else this.failed += 1;
    this.reasons.add(reason);
  }

  message(way: 'in' | 'out', kind: string): void {
    this.messages[way].set(kind, (this.messages[way].get(kind) ?? 0) + 1);
  }

  messageCount(way: 'in' | 'out'): number {
    return [...this.messages[way].values()].reduce((sum, count) => sum + count, 0);
  }
}
