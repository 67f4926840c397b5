/**
 * What every transport must keep to, whatever carries it: the contract of `protocol/ports/transport.ts` as tests. An
 * adapter's test hands over how to make a meeting place and how to let time pass.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CLOSE_CODES, type TransportDialer, type TransportLink } from '#protocol/ports/transport';
import { type Ms, ms } from '#protocol/vocabulary/units';

/** Generous for a real socket on a busy machine; a virtual one needs no time at all. */
const WAIT_MAX: Ms = ms(5_000);
/** Long enough for a wrong late event to show itself. */
const QUIET: Ms = ms(50);
/** In one burst: more than a socket buffers between two turns of the event loop. */
const BURST_MESSAGES = 500;
const FLOOD_MESSAGE = 'x'.repeat(60_000);
/** By then every send queue of ours is full: 60 kB times this is far above any limit. */
const FLOOD_MESSAGES_MAX = 2_000;

export interface TransportMeeting {
  readonly dialer: TransportDialer;
  /** Where `accepted` listens. */
  readonly address: string;
  /** Where nobody listens. */
  readonly deadAddress: string;
  /** Called in the turn in which a link is handed over by the accepting side; set by the suite. */
  onAccepted(accept: (link: TransportLink) => void): void;
  /** Lets time pass until the condition holds. @returns whether it came to hold */
  until(condition: () => boolean, limit: Ms): Promise<boolean>;
  /** Makes the accepting side stop reading for as long as the suite runs, where the carrier can do that. */
  readonly stall: ((link: TransportLink) => void) | null;
  stop(): Promise<void>;
}

interface Ear {
  readonly link: TransportLink;
  readonly heard: string[];
  readonly closes: { readonly code: number; readonly reason: string; readonly heardBefore: number }[];
}

function earOn(link: TransportLink): Ear {
  const ear: Ear = { link, heard: [], closes: [] };
  link.listen({
    received: (text) => ear.heard.push(text),
    closed: (code, reason) => ear.closes.push({ code, reason, heardBefore: ear.heard.length }),
  });
  return ear;
}

/** @param meet makes a fresh meeting for each test */
export function describeTransport(name: string, meet: () => Promise<TransportMeeting>): void {
  describe(`transport: ${name}`, () => {
    let meeting: TransportMeeting;
    beforeEach(async () => {
      meeting = await meet();
    });
    afterEach(() => meeting.stop());

    const until = async (what: string, condition: () => boolean): Promise<void> => {
      expect(await meeting.until(condition, WAIT_MAX), what).toBe(true);
    };

    async function connect(): Promise<{ dialled: Ear; accepted: Ear }> {
      let accepted: Ear | undefined;
      meeting.onAccepted((link) => {
        accepted = earOn(link);
      });
      const attempt = meeting.dialer.dial(meeting.address);
      let dialled: Ear | undefined;
      void attempt.outcome.then((outcome) => {
        if (outcome.ok) dialled = earOn(outcome.value);
      });
      await until('the link opens on both sides', () => dialled !== undefined && accepted !== undefined);
      if (dialled === undefined || accepted === undefined) throw new Error('unreachable: just waited for');
      return { dialled, accepted };
    }

    it('delivers a burst whole and in order, both ways at once', async () => {
      const { dialled, accepted } = await connect();
      const burst = (from: string): string[] =>
        Array.from({ length: BURST_MESSAGES }, (_, place) => `${from} ${place} ${'é€😀'.repeat(place % 7)}`);
      for (const text of burst('forth')) expect(dialled.link.send(text)).toBe(true);
      for (const text of burst('back')) expect(accepted.link.send(text)).toBe(true);
      await until('both bursts arrive', () => dialled.heard.length + accepted.heard.length === 2 * BURST_MESSAGES);
      expect(accepted.heard).toEqual(burst('forth'));
      expect(dialled.heard).toEqual(burst('back'));
    });

    it('delivers what the accepting side says in the very turn in which it accepts', async () => {
      let dialled: Ear | undefined;
      meeting.onAccepted((link) => {
        earOn(link);
        link.send('first');
        link.send('second');
      });
      void meeting.dialer.dial(meeting.address).outcome.then((outcome) => {
        if (outcome.ok) dialled = earOn(outcome.value);
      });
      await until('both arrive', () => dialled?.heard.length === 2);
      expect(dialled?.heard).toEqual(['first', 'second']);
    });

    it.each(['dialled', 'accepted'] as const)(
      'tells both sides once when the %s side closes, after what it said',
      async (closer) => {
        const ears = await connect();
        const near = ears[closer];
        const far = ears[closer === 'dialled' ? 'accepted' : 'dialled'];
        near.link.send('last words');
        near.link.close(CLOSE_CODES.goingAway, 'enough');
        near.link.close(CLOSE_CODES.internal, 'a second close does nothing');
        await until('both hear of it', () => near.closes.length > 0 && far.closes.length > 0);
        await meeting.until(() => false, QUIET);
        expect(far.closes).toEqual([{ code: CLOSE_CODES.goingAway, reason: 'enough', heardBefore: 1 }]);
        expect(near.closes).toHaveLength(1);
        expect(near.closes[0]?.code).toBe(CLOSE_CODES.goingAway);
      },
    );

    it('carries our own close codes', async () => {
      const { dialled, accepted } = await connect();
      accepted.link.close(CLOSE_CODES.replaced, 'another of the same name came');
      await until('the other side hears', () => dialled.closes.length === 1);
      expect(dialled.closes[0]).toMatchObject({ code: CLOSE_CODES.replaced, reason: 'another of the same name came' });
    });

    it('takes and delivers nothing after a close', async () => {
      const { dialled, accepted } = await connect();
      dialled.link.close(CLOSE_CODES.normal, '');
      expect(dialled.link.send('too late')).toBe(false);
      accepted.link.send('crosses the close on its way');
      await until('the other side hears of the close', () => accepted.closes.length === 1);
      expect(accepted.link.send('later still')).toBe(false);
      await meeting.until(() => false, QUIET);
      expect(dialled.heard).toEqual([]);
      expect(accepted.heard).toEqual([]);
    });

    it('refuses a dial to where nobody listens', async () => {
      let code: string | undefined;
      void meeting.dialer.dial(meeting.deadAddress).outcome.then((outcome) => {
        code = outcome.ok ? 'open' : outcome.error.code;
      });
      await until('the attempt ends', () => code !== undefined);
      expect(code).toBe('connect.unreachable');
    });

    it('settles a cancelled dial as refused and leaves no link behind', async () => {
      const accepted: Ear[] = [];
      meeting.onAccepted((link) => accepted.push(earOn(link)));
      const attempt = meeting.dialer.dial(meeting.address);
      let isOpen: boolean | undefined;
      void attempt.outcome.then((outcome) => {
        isOpen = outcome.ok;
      });
      attempt.cancel();
      attempt.cancel();
      await until('the attempt ends', () => isOpen !== undefined);
      expect(isOpen).toBe(false);
      await meeting.until(() => false, QUIET);
      await until('what was accepted closes', () => accepted.every((ear) => ear.closes.length === 1));
    });

    it('lets cancelling after the link is open change nothing', async () => {
      let accepted: Ear | undefined;
      meeting.onAccepted((link) => {
        accepted = earOn(link);
      });
      const attempt = meeting.dialer.dial(meeting.address);
      let dialled: Ear | undefined;
      void attempt.outcome.then((outcome) => {
        if (outcome.ok) dialled = earOn(outcome.value);
      });
      await until('it opens', () => dialled !== undefined);
      attempt.cancel();
      dialled?.link.send('still here');
      await until('it is heard', () => accepted?.heard.length === 1);
    });

    it('refuses to queue without end for a peer that does not read', async ({ skip }) => {
      const { stall } = meeting;
      if (stall === null) return skip();
      const { dialled, accepted } = await connect();
      stall(accepted.link);
      let taken = 0;
      while (taken < FLOOD_MESSAGES_MAX && dialled.link.send(FLOOD_MESSAGE)) taken += 1;
      expect(taken).toBeGreaterThan(0);
      expect(taken).toBeLessThan(FLOOD_MESSAGES_MAX);
      expect(dialled.link.queuedBytes()).toBeGreaterThan(0);
    });
  });
}
