/**
 * The household as a phone in this very process would see it: its events, put together. What follows it is told after
 * each event, and may be sure that what it sees is what phones see.
 */
import type { TransportLink, TransportListener } from '#protocol/ports/transport';
import type { AccountId } from '#protocol/vocabulary/ids';
import { parseMessage } from '#protocol/wire/envelope';
import { type HouseholdSnapshot, householdEventSchema } from '#protocol/wire/household';
import type { Household } from '../../ports/household.ts';

export interface HouseholdFollower {
  /** Null before the first event. */
  view(): HouseholdSnapshot | null;
  /** Twice is harmless. */
  stop(): void;
}

/** @param changed called after each event, never after `stop` */
export function followHousehold(
  household: Pick<Household, 'acceptPhone'>,
  accountId: AccountId,
  changed: (view: HouseholdSnapshot) => void,
): HouseholdFollower {
  let view: HouseholdSnapshot | null = null;
  let listener: TransportListener | null = null;
  let isOpen = true;
  const take = (text: string): void => {
    const event = parseMessage(householdEventSchema, text, 'event');
    // What else a phone is told is in answer to what it asks, and this one asks nothing.
    if (!event.ok) return;
    if (event.value.kind === 'householdSnapshot') view = event.value;
    else if (view !== null) {
      const { speakers = view.speakers, session = view.session, ingest = view.ingest, revision } = event.value;
      view = { ...view, revision, speakers, session, ingest };
    }
    if (view !== null) changed(view);
  };
  const end = (code: number, reason: string): void => {
    if (!isOpen) return;
    isOpen = false;
    listener?.closed(code, reason);
  };
  const link: TransportLink = {
    send: (text) => {
      if (isOpen) take(text);
      return isOpen;
    },
    queuedBytes: () => 0,
    close: end,
    listen: (it) => {
      listener = it;
    },
  };
  household.acceptPhone(link, accountId);
  return { view: () => view, stop: () => end(NORMAL, 'not needed any more') };
}

const NORMAL = 1000;
