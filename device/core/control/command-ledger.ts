/**
 * Which commands have been here, and whether one may be performed now. Spec section 5.
 *
 * A phone or bridge that lost an answer asks again under the same id: it gets the same answer, and nothing is done
 * twice. The epoch is the fence: a command of an older one comes from somebody who missed a hand-over.
 */
import type { CommandId } from '#protocol/vocabulary/ids';
import { type Ms, ms } from '#protocol/vocabulary/units';
import type { Command, CommandKind, Outcome } from '#protocol/wire/command';

/** Answers remembered, oldest forgotten first: hours of button presses, and far more than can be in flight. */
export const ANSWERS_REMEMBERED_MAX = 256;
/** Those of them that the next process is told: more than a person presses while two machines start anew. */
export const PERFORMED_REMEMBERED_MAX = 16;
/** Longest deadline that is reckoned with; a phone's patience is seconds. */
const DEADLINE_MAX = ms(60_000);

export type Admission =
  | { readonly kind: 'perform'; readonly deadline: Ms }
  /** Was answered before, or is refused here; send this. */
  | { readonly kind: 'answered'; readonly outcome: Outcome }
  /** Is being performed; its answer will come. */
  | { readonly kind: 'pending' };

export interface CommandLedger {
  admit(command: Command): Admission;
  /** Remembers the answer. */
  answered(id: CommandId, outcome: Outcome): void;
  /** It was not performed, for want of what should have come before it: under the same id it may be asked again. */
  forget(id: CommandId): void;
  /** What has been done, or is being done, newest last: for the process after this one, beside the state that it led to. */
  performed(): readonly CommandId[];
  /** The process before had done these: who asks for them again is told so. */
  restore(performed: readonly CommandId[]): void;
  /** Of the session this speaker believes in. */
  epoch(): number;
  /** The bridge says so in its welcome: its word stands, also when it is a lower one (it may have lost its data). */
  adoptEpoch(epoch: number): void;
  /** A command was performed that decides who the writer is: older commands are fenced off from now on. */
  raiseEpoch(command: Command): void;
}

/** The volume is the speaker's own and not the session's: who is the writer does not matter for it. */
const KINDS_NOT_FENCED: ReadonlySet<CommandKind> = new Set(['setVolume']);
/** `release` too: after it, a late `play` of the epoch it ended must not start a second writer. */
const KINDS_DECIDING_THE_WRITER: ReadonlySet<CommandKind> = new Set(['play', 'prepare', 'commit', 'release', 'keep']);

/** Done, and the answer said nothing else: those of a hand-over do, and are asked for once by a bridge that waits. */
function isPlainlyDone(outcome: Outcome): boolean {
  return outcome.kind === 'accepted' && outcome.session === undefined && outcome.clock === undefined;
}

export function createCommandLedger(): CommandLedger {
  /** In order of arrival; null while being performed. */
  const seen = new Map<CommandId, Outcome | null>();
  let current = 0;

  function remember(id: CommandId, outcome: Outcome | null): void {
    seen.set(id, outcome);
    for (const oldest of seen.keys()) {
      if (seen.size <= ANSWERS_REMEMBERED_MAX) break;
      seen.delete(oldest);
    }
  }

  function answer(id: CommandId, outcome: Outcome): Admission {
    remember(id, outcome);
    return { kind: 'answered', outcome };
  }

  return {
    admit: (command) => {
      const before = seen.get(command.id);
      if (before !== undefined) return before === null ? { kind: 'pending' } : { kind: 'answered', outcome: before };
      if (command.epoch < current && !KINDS_NOT_FENCED.has(command.body.kind)) {
        return answer(command.id, { kind: 'superseded', epoch: current });
      }
      if (command.deadlineMs <= 0) {
        const error = { code: 'session.deadline-passed', message: 'nobody waits for this any more' } as const;
        return answer(command.id, { kind: 'refused', error });
      }
      remember(command.id, null);
      return { kind: 'perform', deadline: ms(Math.min(command.deadlineMs, DEADLINE_MAX)) };
    },
    answered: (id, outcome) => {
      // Forgotten meanwhile: so many came after it that nobody asks again.
      if (seen.has(id)) seen.set(id, outcome);
    },
    forget: (id) => void seen.delete(id),
    performed: () => {
      const ids = [...seen].filter(([, outcome]) => outcome === null || isPlainlyDone(outcome)).map(([id]) => id);
      return ids.slice(-PERFORMED_REMEMBERED_MAX);
    },
    restore: (performed) => {
      // Of the revisions of a process that is gone nobody knows anything; the snapshot that follows tells all.
      for (const id of performed) remember(id, { kind: 'accepted', revision: 0 });
    },
    epoch: () => current,
    adoptEpoch: (epoch) => {
      current = epoch;
    },
    raiseEpoch: (command) => {
      if (KINDS_DECIDING_THE_WRITER.has(command.body.kind)) current = Math.max(current, command.epoch);
    },
  };
}
