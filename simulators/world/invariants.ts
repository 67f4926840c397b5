/**
 * What must hold in every household, whatever is done to it. Stated once, here, and asked of every scenario after every
 * step; a scenario itself only says what happens and what should come of it.
 */

import { isDeepStrictEqual } from 'node:util';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import type { AccountId } from '#protocol/vocabulary/ids';
import { type Ms, ms } from '#protocol/vocabulary/units';
import type { HouseholdSnapshot } from '#protocol/wire/household';
import type { SessionState } from '#protocol/wire/playback-state';
import { EXPIRY_TIMER } from '#sim/network/virtual-discovery';
import type { VirtualNetwork } from '#sim/network/virtual-transport';
import type { VirtualPhone } from '#sim/phones/virtual-phone';
import type { VirtualSpeaker } from '#sim/speakers/virtual-speaker';
import type { VirtualBridge } from './virtual-bridge.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Two speakers may sound together while a command is on its way from one to the other, with a retry of the network. */
const OVERLAP_MAX: Ms = ms(600);
/** A phone's position may be off by the way of a report and the steps in which it is told. */
const POSITION_AGREES_WITHIN: Ms = ms(250);
/** ... and from what is heard by what the speaker reckons between two words of its engine, too. */
const HEARD_AGREES_WITHIN: Ms = ms(1_000);
const FRAMES_PER_MS = 48;
/** Pending timers of a whole household; more is a leak. */
const TIMERS_MAX = 500;
/** Bytes that any one link ever held back: a household says little. */
const QUEUED_BYTES_PEAK_MAX = 512 * 1024;
const US_PER_MS = 1_000;

/** What is asked of a world: the little that these promises are about. */
export interface ObservedWorld {
  readonly clock: VirtualClock;
  readonly network: Pick<VirtualNetwork, 'statistics'>;
  readonly bridge: VirtualBridge;
  readonly speakers: readonly VirtualSpeaker[];
  readonly phones: readonly VirtualPhone[];
  /** Whether nothing stands between a speaker and the bridge, and both know it. */
  isTrulyConnected(speaker: VirtualSpeaker): boolean;
}

export interface OverlapWatch {
  /** @param heard the speakers that sound now @returns what is wrong, or null */
  check(heard: readonly VirtualSpeaker[]): string | null;
  /** Whether something is seen that would be wrong if it lasted. */
  isSuspicious(): boolean;
}

/**
 * Of each person's session at most one connected speaker sounds, none in an epoch older than the session's, and none
 * without a session, for longer than a command takes. One that is cut off may go on with what it has: it cannot know.
 */
export function createOverlapWatch(world: ObservedWorld): OverlapWatch {
  const since = new Map<string, number>();
  const epochs = new Map<string, number>();
  /** Whether something has been so for too long. */
  const lasts = (what: string, isSo: boolean): boolean => {
    const nowUs = world.clock.nowUs();
    if (!isSo) {
      since.delete(what);
      return false;
    }
    const fromUs = since.get(what) ?? nowUs;
    since.set(what, fromUs);
    return nowUs - fromUs > OVERLAP_MAX * US_PER_MS;
  };
  function checkSpeaker(speaker: VirtualSpeaker, isSounding: boolean): string | null {
    const view = isSounding ? speaker.view() : null;
    const none = `${speaker.name} has none`;
    // Told anew who writes: a command may take its time again, though it had a session for less than a look in between.
    if (view !== null && epochs.get(speaker.name) !== view.epoch) since.delete(none);
    if (view !== null) epochs.set(speaker.name, view.epoch);
    if (lasts(none, view?.session === null)) return `${speaker.name} sounds and has no session`;
    const session = view?.session ?? null;
    const epoch = session === null ? 0 : (epochOf(session.accountId ?? HOUSE_ACCOUNT) ?? 0);
    const isStale = view !== null && view.epoch < epoch;
    if (!lasts(`${speaker.name} is stale`, isStale)) return null;
    return `${speaker.name} sounds in epoch ${view?.epoch} when its session is in ${epoch}`;
  }
  const epochOf = (accountId: AccountId) => world.bridge.household()?.view(accountId).session.epoch;

  return {
    isSuspicious: () => since.size > 0,
    check: (heard) => {
      if (heard.length === 0) {
        since.clear();
        return null;
      }
      const sounding = heard.filter((it) => world.isTrulyConnected(it));
      for (const accountId of accountsOf(world)) {
        const together = sounding.length < 2 ? [] : sounding.filter((it) => ownerOf(it) === accountId);
        if (lasts(`${accountId} overlaps`, together.length > 1)) {
          return `${together.map(({ name }) => name).join(' and ')} have been sounding together`;
        }
      }
      for (const speaker of world.speakers) {
        const problem = checkSpeaker(speaker, sounding.includes(speaker));
        if (problem !== null) return problem;
      }
      return null;
    },
  };
}

/** Whose session a speaker plays; null when it plays none. */
function ownerOf(speaker: VirtualSpeaker): AccountId | null {
  const session = speaker.view()?.session ?? null;
  return session === null ? null : (session.accountId ?? HOUSE_ACCOUNT);
}

function accountsOf({ phones }: ObservedWorld): readonly AccountId[] {
  return [...new Set([HOUSE_ACCOUNT, ...phones.map(({ accountId }) => accountId)])];
}

/** Promises of parts, and bounds on what accumulates. @returns what is wrong, or null */
export function brokenPromises(world: ObservedWorld): string | null {
  for (const speaker of world.speakers) {
    const [problem] = speaker.problems();
    if (problem !== undefined) return problem;
  }
  for (const phone of world.phones) {
    const [problem] = phone.problems();
    if (problem !== undefined) return problem;
  }
  const { pendingCount } = world.clock;
  if (pendingCount > TIMERS_MAX)
    return `${pendingCount} timers are pending, the last ones ${world.clock.timers().slice(-5).join(', ')}`;
  const { queuedBytesPeak, refused } = world.network.statistics();
  if (queuedBytesPeak > QUEUED_BYTES_PEAK_MAX) return `a link held back ${queuedBytesPeak} bytes`;
  return refused > 0 ? `${refused} messages did not fit a link's queue` : null;
}

/** After everything has stopped. @returns what is left, or null */
export function leftOverTimers(world: ObservedWorld): string | null {
  // What the air remembers of the dead belongs to nobody.
  const others = world.clock.timers().filter((name) => !name.startsWith(EXPIRY_TIMER));
  const left = [...world.speakers.flatMap((it) => it.timers()), ...world.bridge.timers(), ...others];
  return left.length === 0 ? null : `timers are left after the stop: ${left.join(', ')}`;
}

/**
 * Once nothing happens any more, every phone shows what the bridge knows, the bridge knows what the active speaker says
 * of itself, what it says is what is heard, no other speaker holds a session, and nobody has a link too many.
 * @returns the first difference, or null
 */
export function unconverged(world: ObservedWorld): string | null {
  const household = world.bridge.household();
  if (household === null) return 'the bridge is down';
  for (const phone of world.phones) {
    const difference = phoneDiffers(phone, household.view(phone.accountId), world.clock.nowUs());
    if (difference !== null) return difference;
  }
  for (const speaker of world.speakers) {
    const owner = ownerOf(speaker) ?? HOUSE_ACCOUNT;
    const truth = household.view(owner);
    const difference = speakerDiffers(speaker, truth, household.session(owner)) ?? soundDiffers(speaker);
    if (difference !== null) return difference;
  }
  const connected = world.speakers.filter((it) => it.view() !== null).length + world.phones.length;
  const { linksOpen } = world.network.statistics();
  return linksOpen === connected ? null : `${linksOpen} links are open for ${connected} speakers and phones`;
}

function phoneDiffers(phone: VirtualPhone, truth: HouseholdSnapshot, nowUs: number): string | null {
  const view = phone.view();
  const viewedAtUs = phone.viewedAtUs();
  if (view === null || viewedAtUs === null || !phone.isConnected()) return `${phone.name} is not connected`;
  const [shown, known] = [withoutMovement(view), withoutMovement(truth)];
  if (!isDeepStrictEqual(shown, known)) {
    return `${phone.name} shows ${JSON.stringify(shown)}, the bridge knows ${JSON.stringify(known)}`;
  }
  const elapsedMs = view.session.playback === 'playing' ? (nowUs - viewedAtUs) / US_PER_MS : 0;
  const shownMs = Math.min(
    view.session.positionMs + elapsedMs,
    view.session.track?.durationMs ?? Number.POSITIVE_INFINITY,
  );
  const isNear = Math.abs(shownMs - truth.session.positionMs) <= POSITION_AGREES_WITHIN;
  return isNear ? null : `${phone.name} shows ${shownMs} ms, the bridge ${truth.session.positionMs} ms`;
}

/** Whose session says that it plays is heard, on the speaker that is shown as active. @returns whose is not, or null */
export function mutelyPlaying(world: ObservedWorld): string | null {
  for (const accountId of accountsOf(world)) {
    const session = world.bridge.household()?.view(accountId).session;
    if (session?.playback !== 'playing') continue;
    const active = world.speakers.find((it) => it.view()?.id === session.activeSpeakerId);
    if (active === undefined) return `the music of ${accountId} plays nowhere`;
    if (!active.isSounding()) return `the music of ${accountId} plays, and ${active.name} is silent`;
    const heardMs = (active.heardPositionFrames() ?? 0) / FRAMES_PER_MS;
    if (active.heardTrack() === session.track?.id && Math.abs(heardMs - session.positionMs) > HEARD_AGREES_WITHIN) {
      return `${active.name} is heard at ${heardMs} ms of its track, and is shown at ${session.positionMs} ms`;
    }
  }
  return null;
}

/** What does not change while music plays and nobody does anything. */
function withoutMovement({ speakers, session }: HouseholdSnapshot): object {
  const still = speakers.map((speaker) => ({ ...speaker, status: { ...speaker.status, bufferedMs: 0 } }));
  return { speakers: still, session: { ...session, positionMs: 0 } };
}

function speakerDiffers(
  speaker: VirtualSpeaker,
  truth: HouseholdSnapshot,
  session: SessionState | null,
): string | null {
  const view = speaker.view();
  if (view === null) return null;
  const shown = truth.speakers.find((it) => it.id === view.id);
  if (shown === undefined) return `the bridge does not know ${speaker.name}`;
  if (shown.status?.volume !== view.speaker.volume) {
    return `${speaker.name} has volume ${view.speaker.volume}, the bridge knows ${shown.status?.volume}`;
  }
  if (view.session === null) return null;
  if (!shown.isActive) return `${speaker.name} holds a session and is not active`;
  const [said, known] = [withoutPosition(view.session), withoutPosition(session)];
  if (isDeepStrictEqual(said, known)) return null;
  return `${speaker.name} says ${JSON.stringify(said)}, the bridge knows ${JSON.stringify(known)}`;
}

/** While it says that it plays, the track that it names is the one that is heard. */
function soundDiffers(speaker: VirtualSpeaker): string | null {
  const playback = speaker.view()?.session?.playback;
  if (playback?.kind !== 'playing') return speaker.isSounding() ? `${speaker.name} sounds and says it does not` : null;
  if (!speaker.isSounding()) return `${speaker.name} says it plays and is silent`;
  const heard = speaker.heardTrack();
  return heard === playback.trackId ? null : `${speaker.name} plays ${heard} and says ${playback.trackId}`;
}

function withoutPosition(session: SessionState | null): object | null {
  if (session === null || session.playback.kind === 'stopped') return session;
  return { ...session, playback: { ...session.playback, positionFrames: 0 } };
}
