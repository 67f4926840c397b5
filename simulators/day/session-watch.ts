/**
 * What a person's phone is told while the day goes on, and how far the position that it carries on by itself is from the one that
 * it is told next: the error that somebody would see on its screen.
 */
import { createEventsClient } from '#bridge/phone/command-line/bridge/events-client';
import { createEventsDialer } from '#bridge/phone/command-line/bridge/events-socket';
import { positionNow } from '#bridge/phone/command-line/bridge/household-mirror';
import type { Clock } from '#protocol/ports/clock';
import type { Random } from '#protocol/ports/random';
import { type Ms, ms } from '#protocol/vocabulary/units';
import type { HouseholdSnapshot, SessionView } from '#protocol/wire/household';
import type { DayPhone } from './day-phone.ts';
import type { PhoneKeys } from './phone-keys.ts';

export interface SessionWatchListener {
  changed(household: HouseholdSnapshot): void;
  /** Only while nobody moved it: how far the phone was off. */
  positionTold(errorMs: Ms): void;
  lost(reason: string): void;
}

export interface SessionWatchPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly keys: PhoneKeys;
}

/** What was told last, and when it was true. */
interface Told {
  readonly session: SessionView;
  readonly at: Ms;
  /** How often the phone had moved it by then. */
  readonly moves: number;
}

/** @returns starts and stops it */
export function watchSession(
  { clock, random, keys }: SessionWatchPorts,
  url: string,
  phone: Pick<DayPhone, 'moves'>,
  listener: SessionWatchListener,
): { start(): void; stop(): void } {
  let told: Told | null = null;
  const dial = createEventsDialer(url, clock, () => keys.accessToken());
  return createEventsClient(
    { clock, random, dial },
    {
      changed({ ...household }, at) {
        const now: Told = { session: household.session, at, moves: phone.moves };
        const error = told === null ? null : positionError(told, now);
        if (error !== null) listener.positionTold(error);
        told = now;
        listener.changed(household);
      },
      lost(reason) {
        told = null;
        listener.lost(reason);
      },
    },
  );
}

/** @returns null where the one does not simply go on from the other */
export function positionError(before: Told, now: Told): Ms | null {
  const isSame =
    before.moves === now.moves &&
    now.at > before.at &&
    before.session.playback === 'playing' &&
    now.session.playback === 'playing' &&
    before.session.epoch === now.session.epoch &&
    before.session.track?.id === now.session.track?.id &&
    // A track that begins again, alone in its queue or repeated, has the same name.
    now.session.positionMs >= before.session.positionMs;
  if (!isSame) return null;
  return ms(Math.abs(now.session.positionMs - positionNow(before.session, ms(now.at - before.at))));
}
