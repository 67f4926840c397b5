/**
 * Keeps one service findable under a name that nobody else on the network has (RFC 6762 sections 8 to 10).
 *
 * Apart from the library that speaks mDNS, because that is where it falls short: it drops a service whose name is taken
 * without a word, and does not notice that the machine's addresses have changed. All that is policy here, and tested
 * in virtual time; `ServiceResponder` is the little that it needs of the library.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Advertiser, AdvertiserListener } from '#protocol/ports/discovery';
import type { Random } from '#protocol/ports/random';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { instanceName } from './instance-name.ts';

/** Questions asked before a name is taken for free, and the time between them (RFC 6762 section 8.1). */
const PROBES = 3;
const PROBE_EVERY = ms(250);
/** Names tried before we say that it failed and wait: hundreds of one name are met where a shop unpacks them. */
export const NAME_ORDINAL_MAX = 500;
export const RETRY_AFTER = ms(30_000);
/** How often the machine's addresses are compared; reading them costs microseconds. */
export const ADDRESS_POLL_EVERY = ms(5_000);
/** A browser forgets a service one second after somebody's goodbye to its name; an announcement within it rescues ours. */
const DEFEND_AFTER = ms(500);
/** Defences against one that does not give way, before we do: being found under another name beats not being found. */
const DEFENCES_MAX = 3;

export interface ServiceResponder {
  /** Who we are to others on the network: `host:port`, in lower case, of no other process. */
  readonly owner: string;
  /** Asks the network once who has `name`; answers come as `claimed`. */
  probe(name: string): void;
  /** Answers to `name` from now on, and says so to all. Again for the same name only says so again. */
  announce(name: string): void;
  /** Says goodbye to `name` and answers no more; resolves when that has been sent, or cannot be. */
  withdraw(name: string): Promise<void>;
  /** Joins the network anew with the addresses of now; what was announced is forgotten without a goodbye. */
  rejoin(): void;
  /** The machine's addresses, in a form that differs when they do. */
  addresses(): string;
  listen(listener: ResponderListener): void;
  /** Gives the network back. */
  leave(): void;
}

export interface ResponderListener {
  /** `owner` answers to `name`; may be ourselves. */
  claimed(name: string, owner: string): void;
  /** `owner` said goodbye to `name`. */
  released(name: string, owner: string): void;
  failed(reason: string): void;
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'probing'; readonly ordinal: number; readonly asked: number; readonly timer: Timer }
  | { readonly kind: 'announced'; readonly ordinal: number; defences: number; defence: Timer | null }
  | { readonly kind: 'waiting'; readonly timer: Timer };

export function createServiceAdvertiser(
  clock: Clock,
  random: Pick<Random, 'fraction'>,
  responder: ServiceResponder,
  wantedName: string,
  listener: AdvertiserListener,
): Advertiser {
  let state: State = { kind: 'idle' };
  let addressPoll: Timer | null = null;
  /** The name that others may have seen us under, and must be told goodbye. */
  let knownName: string | null = null;

  function leaveState(): void {
    if (state.kind === 'probing' || state.kind === 'waiting') state.timer.cancel();
    if (state.kind === 'announced') state.defence?.cancel();
  }

  function probe(ordinal: number, asked: number, delay: Ms): void {
    leaveState();
    const timer = clock.setTimer('advertise-probe', delay, () => {
      if (asked === PROBES) {
        announce(ordinal);
        return;
      }
      // First the state, then the question: its answer may come before `responder.probe` returns.
      probe(ordinal, asked + 1, PROBE_EVERY);
      responder.probe(instanceName(wantedName, ordinal));
    });
    state = { kind: 'probing', ordinal, asked, timer };
  }

  function announce(ordinal: number): void {
    leaveState();
    const name = instanceName(wantedName, ordinal);
    const isNews = knownName !== name;
    knownName = name;
    state = { kind: 'announced', ordinal, defences: 0, defence: null };
    responder.announce(name);
    if (isNews && knownName === name) listener.announced(name);
  }

  function wait(reason: string): void {
    leaveState();
    const timer = clock.setTimer('advertise-retry', RETRY_AFTER, () => {
      responder.rejoin();
      probe(1, 0, firstProbeDelay());
    });
    state = { kind: 'waiting', timer };
    listener.failed(reason);
  }

  function rename(ordinal: number): void {
    if (knownName !== null) void responder.withdraw(knownName);
    knownName = null;
    if (ordinal >= NAME_ORDINAL_MAX) wait(`all names up to "${instanceName(wantedName, ordinal)}" are taken`);
    else probe(ordinal + 1, 0, ms(0));
  }

  /** Ours and another's announcement crossed. Both compare the same two owners, so exactly one of them gives way. */
  function contest(owner: string): void {
    if (state.kind !== 'announced') return;
    const isOurs = responder.owner > owner && state.defences < DEFENCES_MAX;
    if (isOurs) defend();
    else rename(state.ordinal);
  }

  function defend(): void {
    if (state.kind !== 'announced' || state.defence !== null) return;
    const current = state;
    current.defences += 1;
    current.defence = clock.setTimer('advertise-defend', DEFEND_AFTER, () => {
      current.defence = null;
      responder.announce(instanceName(wantedName, current.ordinal));
    });
  }

  function isOurName(name: string): boolean {
    if (state.kind !== 'probing' && state.kind !== 'announced') return false;
    return instanceName(wantedName, state.ordinal).toLowerCase() === name.toLowerCase();
  }

  responder.listen({
    claimed: (name, owner) => {
      if (owner === responder.owner || !isOurName(name)) return;
      if (state.kind === 'probing') rename(state.ordinal);
      else contest(owner);
    },
    released: (name, owner) => {
      if (owner !== responder.owner && isOurName(name)) defend();
    },
    failed: (reason) => {
      if (state.kind !== 'idle' && state.kind !== 'waiting') wait(reason);
    },
  });

  function pollAddresses(seen: string): void {
    addressPoll = clock.setTimer('advertise-addresses', ADDRESS_POLL_EVERY, () => {
      const now = responder.addresses();
      if (now !== seen) {
        responder.rejoin();
        // Another network may have other names in use; ours is asked for again before it is announced there.
        probe(state.kind === 'probing' || state.kind === 'announced' ? state.ordinal : 1, 0, firstProbeDelay());
      }
      pollAddresses(now);
    });
  }

  function firstProbeDelay(): Ms {
    return ms(PROBE_EVERY * random.fraction());
  }

  return {
    start: () => {
      if (state.kind !== 'idle') return;
      responder.rejoin();
      pollAddresses(responder.addresses());
      probe(1, 0, firstProbeDelay());
    },
    stop: async () => {
      if (state.kind === 'idle') return;
      leaveState();
      addressPoll?.cancel();
      addressPoll = null;
      state = { kind: 'idle' };
      const name = knownName;
      knownName = null;
      if (name !== null) await responder.withdraw(name);
      // Started again while the goodbye was on its way: the network is in use.
      if ((state as State).kind === 'idle') responder.leave();
    },
  };
}
