/**
 * Who has done what, and who wrote in which epoch, as heard on the wire between speakers and bridge: nobody who decides
 * anything knows of it. What is asked of it at the end is that nothing was done twice and no epoch had two writers.
 */
import type { Clock } from '#protocol/ports/clock';
import type { DialAttempt, TransportDialer, TransportLink } from '#protocol/ports/transport';
import type { AccountId, CommandId } from '#protocol/vocabulary/ids';
import { parseMessage } from '#protocol/wire/envelope';
import { speakerMessageSchema } from '#protocol/wire/speaker-message';

/** One doing of one command: a repeated answer names the same speaker, life and revision. */
interface Doing {
  readonly speaker: string;
  readonly life: number;
  readonly revision: number;
}

/** Commands that are remembered; a repetition comes within minutes. */
const DOINGS_KEPT_MAX = 2_000;

const MOVED_STILL = 'moved still';

/** A speaker was told a command, or has answered one. */
export type CommandMoment = 'told' | 'answered';

export class CommandAudit {
  readonly #doings = new Map<CommandId, Doing[]>();
  readonly #writers = new Map<number, string>();
  readonly #problems: string[] = [];
  readonly #snapshots = new Map<string, number>();
  readonly #told = new Map<string, number>();
  readonly #links = new Map<string, number>();
  readonly #clock: Pick<Clock, 'nowUs'>;
  readonly #waiting: Record<CommandMoment, Set<() => void>> = { told: new Set(), answered: new Set() };

  constructor(clock: Pick<Clock, 'nowUs'>) {
    this.#clock = clock;
  }

  /** The dialer of a speaker, overheard. @param life which process of the speaker it is */
  overhear(dialer: TransportDialer, speaker: string, life: number): TransportDialer {
    return {
      dial: (address, pin) => {
        const attempt = dialer.dial(address, pin);
        const outcome: DialAttempt['outcome'] = attempt.outcome.then((dialled) =>
          dialled.ok ? { ok: true, value: this.#overheard(dialled.value, speaker, life) } : dialled,
        );
        return { outcome, cancel: () => attempt.cancel() };
      },
    };
  }

  /** How many links to the bridge a speaker has had, in all its lives. */
  linksOf(speaker: string): number {
    return this.#links.get(speaker) ?? 0;
  }

  /** How often a command was done. */
  timesDone(id: CommandId): number {
    return this.#doings.get(id)?.length ?? 0;
  }

  /** Characters of what a speaker last said of all of its state; 0 before it has. */
  lastSnapshotLength(speaker: string): number {
    return this.#snapshots.get(speaker) ?? 0;
  }

  /** When a speaker was last told such a thing (of commits, one that plays), or has last had a link, on the world's clock, in µs; long ago when it never was. */
  lastTold(speaker: string, kind: 'commit' | 'setVolume' | 'play' | 'link'): number {
    return this.#told.get(`${speaker} ${kind}`) ?? Number.NEGATIVE_INFINITY;
  }

  /** When anybody but these was last given the music, heard or not; as `lastTold`. */
  lastGivenTo(except: readonly string[]): number {
    const others = [...this.#told].filter(([key]) => !except.some((name) => key.startsWith(`${name} `)));
    return Math.max(
      Number.NEGATIVE_INFINITY,
      ...others.filter(([key]) => key.endsWith(' play') || key.endsWith(' commit')).map(([, atUs]) => atUs),
    );
  }

  /** When anybody was last given music that does not play; as `lastTold`. */
  lastMovedStill(): number {
    return this.#told.get(MOVED_STILL) ?? Number.NEGATIVE_INFINITY;
  }

  /** Calls back at the next such moment of any speaker, once, from within it. @returns how not to be called any more */
  upon(moment: CommandMoment, strike: () => void): () => void {
    this.#waiting[moment].add(strike);
    return () => void this.#waiting[moment].delete(strike);
  }

  /** What was done against the promises, in words. */
  problems(): readonly string[] {
    return this.#problems;
  }

  /** Somebody else has found that a promise was broken. */
  refuse(problem: string): void {
    this.#problems.push(problem);
  }

  #overheard(link: TransportLink, speaker: string, life: number): TransportLink {
    this.#links.set(speaker, this.linksOf(speaker) + 1);
    this.#told.set(`${speaker} link`, this.#clock.nowUs());
    return {
      send: (text) => {
        this.#said(text, speaker, life);
        return link.send(text);
      },
      queuedBytes: () => link.queuedBytes(),
      close: (code, reason) => link.close(code, reason),
      listen: (listener) =>
        link.listen({
          received: (text) => {
            this.#heard(text, speaker);
            listener.received(text);
          },
          closed: (code, reason) => listener.closed(code, reason),
        }),
    };
  }

  #heard(text: string, speaker: string): void {
    if (!text.startsWith('{"kind":"command"')) return;
    this.#strike('told');
    for (const kind of ['commit', 'setVolume', 'play'] as const) {
      if (!text.includes(`"body":{"kind":"${kind}"`)) continue;
      const isStill = kind === 'commit' && !text.includes('"isPlaying":true');
      this.#told.set(isStill ? MOVED_STILL : `${speaker} ${kind}`, this.#clock.nowUs());
    }
  }

  #said(text: string, speaker: string, life: number): void {
    // Most of what a speaker says is of no matter here, and to parse it costs as much as all else that is done with it.
    if (!text.includes('"stateSnapshot"') && !text.includes('"answer"')) return;
    const message = parseMessage(speakerMessageSchema, text, 'what a speaker says');
    if (!message.ok) return;
    if (message.value.kind === 'stateSnapshot') this.#snapshots.set(speaker, text.length);
    if (message.value.kind === 'stateSnapshot' && message.value.session !== null) {
      this.#wrote(message.value.epoch, speaker, message.value.session.accountId);
    }
    if (message.value.kind === 'answer') this.#strike('answered');
    if (message.value.kind !== 'answer' || message.value.outcome.kind !== 'accepted') return;
    const { id, outcome } = message.value;
    const doings = this.#doings.get(id) ?? [];
    // Of what the process before has done it is said that it was, without a revision.
    const isRepeated = doings.some(
      (it) =>
        it.speaker === speaker && (outcome.revision === 0 || (it.life === life && it.revision === outcome.revision)),
    );
    if (isRepeated) return;
    // After its death it may not know any more that it has.
    if (doings.some((it) => it.speaker === speaker && it.life === life)) {
      this.#problems.push(`${speaker} did command ${id} twice`);
    }
    this.#doings.delete(id);
    this.#doings.set(id, [...doings, { speaker, life, revision: outcome.revision }]);
    for (const oldest of this.#doings.keys()) {
      if (this.#doings.size <= DOINGS_KEPT_MAX) break;
      this.#doings.delete(oldest);
    }
  }

  #strike(moment: CommandMoment): void {
    const strikes = [...this.#waiting[moment]];
    this.#waiting[moment].clear();
    for (const strike of strikes) strike();
  }

  #wrote(epoch: number, speaker: string, account: AccountId | undefined): void {
    const writer = `${speaker} for ${account ?? 'the house'}`;
    const before = this.#writers.get(epoch) ?? writer;
    this.#writers.set(epoch, writer);
    if (before !== writer) this.#problems.push(`in epoch ${epoch} wrote ${before} and ${writer}`);
  }
}
